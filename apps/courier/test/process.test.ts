import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const main = join(import.meta.dirname, '../src/main.ts')
const isRoot = process.getuid?.() === 0
/** Of the range for accounts that exist only while they are used; no entry in the password file. */
const uid = 61_999

/** Starts the courier and waits until it is ready or ended. */
async function start(...args: string[]): Promise<{ child: ChildProcess; log: () => string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
  return { child, log: () => text }
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

/** A run folder as the agent makes it, with a socket that only the courier's account can open. */
async function runFolder() {
  const path = mkdtempSync(join(tmpdir(), 'run-'))
  chmodSync(path, 0o711)
  mkdirSync(join(path, 'courier'))
  const socket = join(path, 'courier', 'agent.sock')
  const agent: Server = createServer()
  agent.listen(socket)
  await once(agent, 'listening')
  for (const mine of [join(path, 'courier'), socket]) chownSync(mine, uid, uid)
  chmodSync(join(path, 'courier'), 0o700)
  chmodSync(socket, 0o600)
  return {
    path,
    agent,
    [Symbol.dispose]() {
      agent.close()
      rmSync(path, { recursive: true })
    },
  }
}

test('root becomes the account in every thread, keeps no capability, and still reaches the agent', async (t) => {
  if (!isRoot) return t.skip('only root can become somebody else')
  using run = await runFolder()
  const connection = once(run.agent, 'connection')
  const { child, log } = await start('--run', run.path, '--uid', `${uid}`, '--gid', `${uid}`)
  try {
    const [socket] = await connection
    socket.destroy()
    const threads = readdirSync(`/proc/${child.pid}/task`)
    assert.ok(threads.length > 1)
    for (const thread of threads) {
      const status = readFileSync(`/proc/${child.pid}/task/${thread}/status`, 'utf8')
      assert.match(status, new RegExp(`^Uid:\t${Array(4).fill(uid).join('\t')}$`, 'm'))
      assert.match(status, new RegExp(`^Gid:\t${Array(4).fill(uid).join('\t')}$`, 'm'))
      assert.match(status, /^Groups:[ \t]*$/m)
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
        assert.match(status, new RegExp(`^${set}:\t0+$`, 'm'))
    }
    assert.equal(log(), '')
  } finally {
    child.kill('SIGTERM')
    assert.equal(await ended(child), 0)
  }
})

test('as root without an account it does not start: usage', async (t) => {
  if (!isRoot) return t.skip('needs root')
  const { child, log } = await start('--run', '/nonexistent')
  assert.equal(await ended(child), 2)
  assert.match(log(), /usage: It does not run as root/)
})

test('as root when it is told to, it starts', async (t) => {
  if (!isRoot) return t.skip('needs root')
  const { child } = await start('--run', '/nonexistent', '--as-root')
  assert.equal(child.exitCode, null)
  child.kill('SIGTERM')
  assert.equal(await ended(child), 0)
})

test('root’s numbers, half an account and unknown flags are wrong usage', async () => {
  for (const args of [
    ['--uid', '0', '--gid', '0'],
    ['--uid', '0', '--gid', '5'],
    ['--uid', `${uid}`],
    ['--gid', `${uid}`],
    ['--uid', '1e3', '--gid', '5'],
    ['--uid', '4294967295', '--gid', '5'],
    ['--sudo'],
  ]) {
    const { child } = await start('--run', '/nonexistent', ...args)
    assert.equal(await ended(child), 2, args.join(' '))
  }
})

test('a drop that leaves a way back is noticed: not-dropped', async (t) => {
  if (!isRoot || !existsSync('/proc/self/task')) return t.skip('needs root')
  const script = `
    import { provenDropped } from ${JSON.stringify(join(import.meta.dirname, '../src/privileges.ts'))}
    process.setgroups([]); process.setgid(${uid}); process.seteuid(${uid})
    try { provenDropped({ uid: ${uid}, gid: ${uid} }); console.log('passed') } catch (error) { console.log(error.code) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await once(child, 'close')
  assert.equal(said, 'not-dropped\n')
})
