import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { frame, parseJson } from '@stint/wire'
import { Reply } from '@stint/wire/local-user'
import { openFileKeyProvider } from '../src/file-key-provider.ts'
import { createIssuer } from '../src/issuer.ts'
import { openIssuerStore } from '../src/store.ts'
import { approval, enrolled } from './test-device.ts'
import { given, testIssuer } from './test-issuer.ts'

const main = join(import.meta.dirname, '../src/main.ts')

interface Running {
  readonly child: ChildProcess
  /** Everything it wrote to standard error so far. */
  log(): string
}

/** Starts a script and waits until it says that it is ready, or until it ends. */
async function start(script: string, ...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
  return { child, log: () => text }
}

async function stop({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Sends raw text; gives what came back until a whole line or the end. */
async function say(path: string, text: string): Promise<string> {
  const socket = createConnection(path)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString()
    if (answer.endsWith('\n')) socket.destroy()
  })
  socket.on('error', () => socket.destroy())
  socket.write(text)
  await new Promise((resolve) => socket.on('close', resolve))
  return answer
}

function dataFolder() {
  const path = mkdtempSync(join(tmpdir(), 'issuer-data-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('KEY-6: killed between record and reply: the record is there, and asking again gives the code', async () => {
  using before = testIssuer({ database: 'file' })
  const device = await enrolled(before)
  const asked = { call: 'answer.code', ...approval(device), minutes: 15 } as const
  before.stop()

  const running = await start(join(import.meta.dirname, 'killed-before-reply.ts'), before.folder)
  const reply = await say(join(before.folder, 'issuer.sock'), frame({ id: 1, ...asked }))
  assert.equal(reply, '')
  if (running.child.signalCode === null) await once(running.child, 'exit')
  assert.equal(running.child.signalCode, 'SIGKILL')

  const store = openIssuerStore(join(before.folder, 'issuer.db'))
  const keyProvider = openFileKeyProvider(join(before.folder, 'kek'))
  const issuer = createIssuer({ ...before, store, keyProvider, random: (n) => Buffer.alloc(n, 1) })
  const rows = () =>
    store.all<{ counted: number }>(`select counted from record where call = 'answer.code' order by seq`)
  assert.deepEqual(
    rows().map(({ counted }) => counted),
    [1],
  )
  const code = given(await issuer.call({ id: 2, ...asked }))
  assert.deepEqual(given(await issuer.call({ id: 3, ...asked })), code)
  assert.deepEqual(
    rows().map(({ counted }) => counted),
    [1, 0, 0],
  )
  store.close()
})

test('the process keeps folder, database, key and socket to itself and cleans up its socket', async () => {
  using data = dataFolder()
  const running = await start(main, '--data', data.path)
  try {
    const at = (name: string) => statSync(join(data.path, 'issuer', name)).mode & 0o777
    assert.equal(at('.'), 0o700)
    for (const name of ['issuer.db', 'issuer.db-wal', 'kek', 'issuer.sock'])
      assert.equal(at(name), 0o600, name)
    const reply = parseJson(
      Reply,
      await say(join(data.path, 'issuer/issuer.sock'), frame({ id: 7, call: 'trust' })),
    )
    assert.equal(reply.id, 7)
    assert.equal(reply.ok, true)
  } finally {
    await stop(running)
  }
  assert.equal(running.child.exitCode, 0)
  assert.equal(existsSync(join(data.path, 'issuer/issuer.sock')), false)
})

test('a second one does not start on the same data: already-running; after kill -9 the next one does', async () => {
  using data = dataFolder()
  const first = await start(main, '--data', data.path)
  const second = await start(main, '--data', data.path)
  assert.equal(second.child.exitCode ?? (await once(second.child, 'exit'))[0], 4)
  assert.match(second.log(), /already-running/)
  const socket = join(data.path, 'issuer/issuer.sock')
  assert.match(await say(socket, frame({ id: 1, call: 'trust' })), /"ok":true/)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  assert.equal(existsSync(socket), true)
  const third = await start(main, '--data', data.path)
  try {
    assert.match(await say(socket, frame({ id: 1, call: 'trust' })), /"ok":true/)
  } finally {
    await stop(third)
  }
})

test('a lost key file is never replaced by a new one: kek-missing', async () => {
  using data = dataFolder()
  await stop(await start(main, '--data', data.path))
  rmSync(join(data.path, 'issuer/kek'))
  const running = await start(main, '--data', data.path)
  assert.equal(running.child.exitCode ?? (await once(running.child, 'exit'))[0], 4)
  assert.match(running.log(), /kek-missing/)
  assert.equal(existsSync(join(data.path, 'issuer/kek')), false)
})

test('what is no call gets a fault or a closed connection, and never comes back in an answer or a log', async () => {
  using data = dataFolder()
  const running = await start(main, '--data', data.path)
  try {
    const socket = join(data.path, 'issuer/issuer.sock')
    const secret = 'hunter2hunter2'
    const unknown = await say(socket, frame({ id: 3, call: 'give-keys', psk: secret }))
    assert.match(unknown, /"id":3,"ok":false,"fault":\{"code":"malformed"/)
    const wrong = await say(socket, frame({ id: 4, call: 'token.revoke', tokenId: secret }))
    assert.match(wrong, /"fault":\{"code":"malformed"/)
    assert.equal(await say(socket, `${secret}\n`), '')
    assert.equal(await say(socket, `${secret.repeat(90_000)}\n`), '')
    assert.match(await say(socket, frame({ id: 1, call: 'trust' })), /"ok":true/)
    assert.ok(![unknown, wrong, running.log()].some((text) => text.includes(secret)))
  } finally {
    await stop(running)
  }
})

test('KEY-3: an account of the group can call, and cannot read a key; without a group only its own account', async (t) => {
  using data = dataFolder()
  chmodSync(data.path, 0o755)
  const socket = join(data.path, 'issuer.sock')
  const other = 65_533
  const isRoot = process.getuid?.() === 0
  const running = await start(
    main,
    '--data',
    data.path,
    '--socket',
    socket,
    '--group',
    `${isRoot ? other : process.getgid?.()}`,
  )
  try {
    assert.equal(statSync(socket).mode & 0o777, 0o660)
    if (!isRoot) return t.diagnostic('only root can be another account')
    process.setegid?.(other)
    process.seteuid?.(other)
    const reply = parseJson(Reply, await say(socket, frame({ id: 1, call: 'trust' })))
    assert.equal(reply.ok, true)
    for (const name of ['kek', 'issuer.db'])
      assert.throws(() => readFileSync(join(data.path, 'issuer', name)), { code: 'EACCES' })
  } finally {
    if (isRoot) {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
    await stop(running)
  }
})

test('a socket without a group, or a group without a socket, is refused with usage', async () => {
  using data = dataFolder()
  const running = await start(main, '--data', data.path, '--group', '65533')
  await stop(running)
  assert.equal(running.child.exitCode, 2)
  assert.match(running.log(), /usage: A socket and a group belong together/)
})
