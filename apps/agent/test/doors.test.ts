import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { Fault } from '@stint/elevation'
import { lockFolder } from '../src/config/instance-lock.ts'
import { readOptions } from '../src/config/options.ts'
import { type Behind, Doors } from '../src/door/doors.ts'
import { anna, bert, World } from './world.ts'

const skip = process.getuid?.() === 0 ? false : 'sockets are given to other accounts: needs root'
const hasCode = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

async function giveSocket(path: string, uid: number): Promise<void> {
  await chown(path, uid, 0)
  await chmod(path, 0o600)
}

async function opened(work: (runDir: string, world: World, doors: Doors) => Promise<void>, behind?: Behind) {
  const base = await mkdtemp(join(tmpdir(), 'stint-doors-'))
  await chmod(base, 0o755)
  const runDir = join(base, 'run')
  const world = await World.enrolled()
  const log = { info: () => undefined, error: () => undefined }
  const doors = await Doors.open({ behind: behind ?? world.agent, runDir, courierUid: bert, giveSocket, log })
  try {
    await work(runDir, world, doors)
  } finally {
    await doors.close()
    await rm(base, { recursive: true })
  }
}

const nobodyBehind: Behind = {
  userCall: async () => ({ id: 1, ok: true, result: null }),
  forget: () => undefined,
  courierCall: async () => ({ id: 1, ok: true, result: null }),
  onCourierState: () => () => undefined,
  onPeople: (tell) => tell([anna]),
}

/** A connection and the lines that come over it. */
async function connected(path: string): Promise<{ socket: Socket; lines: AsyncIterableIterator<string> }> {
  const socket = connect(path)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.on('error', () => undefined)
  return { socket, lines: createInterface({ input: socket })[Symbol.asyncIterator]() }
}

const userSocket = (runDir: string, uid: number) => join(runDir, 'u', String(uid), 'agent.sock')
const next = async (lines: AsyncIterableIterator<string>) => JSON.parse((await lines.next()).value ?? 'null')

test('GATE-7, GATE-8: everybody has a socket of his own that nobody else can open or replace', {
  skip,
  timeout: 20_000,
}, async () => {
  await opened(async (runDir) => {
    const path = userSocket(runDir, anna)
    const { uid, mode } = await stat(path)
    assert.deepEqual([uid, mode & 0o777], [anna, 0o600])
    const folder = await stat(join(runDir, 'u', String(anna)))
    assert.deepEqual([folder.uid, folder.mode & 0o777], [0, 0o711])
    const as = (who: number, code: string) =>
      spawnSync(process.execPath, ['-e', code], { uid: who, gid: who, encoding: 'utf8' }).stdout
    const open = `require('node:net').connect(${JSON.stringify(path)}).on('connect',()=>{console.log('in');process.exit()}).on('error',(e)=>console.log(e.code))`
    assert.equal(as(bert, open).trim(), 'EACCES')
    assert.equal(as(anna, open).trim(), 'in')
    const replace = `try{require('node:fs').unlinkSync(${JSON.stringify(path)});console.log('gone')}catch(e){console.log(e.code)}`
    assert.equal(as(anna, replace).trim(), 'EACCES')
  })
})

test('calls are answered in order, each under its own number, for whom the socket belongs to', {
  skip,
}, async () => {
  await opened(async (runDir) => {
    const { socket, lines } = await connected(userSocket(runDir, bert))
    socket.write('{"id":1,"call":"status"}\n{"id":2,"call":"withdraw"}\n{"id":3,')
    socket.write('"call":"history","limit":5}\n')
    const [first, second, third] = [await next(lines), await next(lines), await next(lines)]
    assert.deepEqual([first.id, first.result.user.name], [1, 'bert'])
    assert.deepEqual([second.id, second.refused.code], [2, 'no-request'])
    assert.deepEqual(third, { id: 3, ok: true, result: { sessions: [] } })
    socket.destroy()
  })
})

test('watching brings events until the connection closes', { skip, timeout: 20_000 }, async () => {
  await opened(async (runDir, world) => {
    const { socket, lines } = await connected(userSocket(runDir, anna))
    socket.write('{"id":1,"call":"watch"}\n')
    assert.equal((await next(lines)).id, 1)
    await world.ask(anna)
    const event = await next(lines)
    assert.deepEqual([event.event, event.status.request.reason], ['status', 'Install the printer'])
    socket.destroy()
  })
})

test('no JSON, no UTF-8 and more than 64 KiB are each answered with a fault, and the connection ends', {
  skip,
}, async () => {
  await opened(async (runDir) => {
    const tries: [string | Buffer, string][] = [
      ['{"id":1,\n', 'malformed'],
      [Buffer.from([0xff, 0xfe, 10]), 'malformed'],
      ['x'.repeat(70_000), 'frame-too-long'],
    ]
    for (const [bytes, code] of tries) {
      const { socket, lines } = await connected(userSocket(runDir, anna))
      socket.write(bytes)
      assert.deepEqual(await next(lines).then(({ id, fault }) => [id, fault.code]), [0, code])
      assert.equal((await lines.next()).done, true)
    }
  })
})

test('a seventeenth connection of one person is closed, and another person is not disturbed', {
  skip,
}, async () => {
  await opened(async (runDir) => {
    const path = userSocket(runDir, anna)
    const many = await Promise.all(Array.from({ length: 16 }, () => connected(path)))
    const { socket } = await connected(path)
    await new Promise((resolve) => socket.once('close', resolve))
    const other = await connected(userSocket(runDir, bert))
    other.socket.write('{"id":1,"call":"status"}\n')
    assert.equal((await next(other.lines)).ok, true)
    for (const { socket } of [...many, other]) socket.destroy()
  })
})

test('the next call of somebody who does not read is answered when he has read, so that nothing fills the memory', {
  skip,
  timeout: 20_000,
}, async () => {
  const big = 'x'.repeat(1024 * 1024)
  let answered = 0
  const behind: Behind = {
    ...nobodyBehind,
    userCall: async () => {
      answered += 1
      return { id: answered, ok: true, result: big }
    },
  }
  await opened(async (runDir) => {
    const { socket, lines } = await connected(userSocket(runDir, anna))
    const calls = 30
    for (let i = 0; i < calls; i++) socket.write('{"id":1,"call":"status"}\n')
    const first = await next(lines)
    assert.equal(first.id, 1)
    socket.pause()
    const other = await connected(userSocket(runDir, anna))
    other.socket.write('{"id":1,"call":"status"}\n')
    await next(other.lines)
    assert.ok(answered < calls / 2, `${answered} answers for one that reads none`)
    socket.resume()
    const ids = [first.id]
    while (ids.length < calls) ids.push((await next(lines)).id)
    assert.equal(new Set(ids).size, calls, 'each is answered in the end')
    for (const one of [socket, other.socket]) one.destroy()
  }, behind)
})

test('somebody who watches and does not read is cut off', { skip, timeout: 20_000 }, async () => {
  const note = 'x'.repeat(1024 * 1024)
  const behind: Behind = {
    ...nobodyBehind,
    userCall: async (_uid, _call, emit) => {
      for (let i = 0; i < 30; i++) emit(Object.assign({ event: 'status' }, { status: note }) as never)
      return { id: 1, ok: true, result: null }
    },
  }
  await opened(async (runDir) => {
    const socket = connect(userSocket(runDir, anna))
    socket.pause()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.write('{"id":1,"call":"watch"}\n')
    // What was buffered before the cut is read first; then the connection is found to be closed.
    socket.resume()
    await closed
  }, behind)
})

test('the courier has a door of its own, and is told the state at every change', {
  skip,
  timeout: 20_000,
}, async () => {
  await opened(async (runDir, world) => {
    const path = join(runDir, 'courier', 'agent.sock')
    assert.equal((await stat(path)).uid, bert)
    const { socket, lines } = await connected(path)
    socket.write('{"id":1,"call":"state"}\n')
    assert.equal((await next(lines)).result.state, 'enrolled')
    const made = world.ask(anna)
    const event = await next(lines)
    const [unsent] = event.state.unsent
    socket.write(`{"id":2,"call":"request-sent","requestId":"${unsent.requestId}"}\n`)
    assert.equal((await made).sent, true)
    socket.destroy()
  })
})

test('doors follow the accounts', { skip, timeout: 20_000 }, async () => {
  await opened(async (_runDir, world, doors) => {
    world.os.addAccount(1002, 'carla')
    world.os.removeAccount(bert)
    await world.clock.pass(31_000)
    for (let i = 0; i < 50 && !doors.users.includes(1002); i++)
      await new Promise((resolve) => setImmediate(resolve))
    await doors.close()
    assert.deepEqual([...doors.users].sort(), [anna, 1002])
  })
})

test('what somebody put in the place of a socket or its folder is replaced', {
  skip,
  timeout: 20_000,
}, async () => {
  const base = await mkdtemp(join(tmpdir(), 'stint-squat-'))
  const runDir = join(base, 'run')
  const world = await World.enrolled()
  const log = { info: () => undefined, error: () => undefined }
  await mkdir(join(runDir, 'u', String(bert), 'agent.sock', 'deep'), { recursive: true, mode: 0o711 })
  await symlink('/etc', join(runDir, 'u', String(anna)))
  await chmod(runDir, 0o711)
  await chmod(join(runDir, 'u'), 0o711)
  const doors = await Doors.open({ behind: world.agent, runDir, courierUid: undefined, giveSocket, log })
  try {
    assert.deepEqual([...doors.users].sort(), [anna, bert])
    assert.ok((await stat(userSocket(runDir, anna))).isSocket())
    assert.ok((await stat(userSocket(runDir, bert))).isSocket())
    await assert.rejects(stat('/etc/agent.sock'))
  } finally {
    await doors.close()
    await rm(base, { recursive: true })
  }
})

test('a run folder that others can change is refused with unsafe-folder', {
  skip,
  timeout: 20_000,
}, async () => {
  const base = await mkdtemp(join(tmpdir(), 'stint-unsafe-'))
  const world = await World.enrolled()
  const log = { info: () => undefined, error: () => undefined }
  const open = () =>
    Doors.open({ behind: world.agent, runDir: join(base, 'run'), courierUid: undefined, giveSocket, log })
  try {
    await mkdir(join(base, 'run'))
    await chmod(join(base, 'run'), 0o777)
    await assert.rejects(open(), hasCode('unsafe-folder'))
    await chmod(join(base, 'run'), 0o755)
    await chown(join(base, 'run'), anna, anna)
    await assert.rejects(open(), hasCode('unsafe-folder'))
  } finally {
    await rm(base, { recursive: true })
  }
})

test('a second agent on the same folder is refused while the first one runs, also from another process', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'stint-lock-'))
  try {
    const lock = lockFolder(dir)
    const module = new URL('../src/config/instance-lock.ts', import.meta.url).href
    const code = `import(${JSON.stringify(module)}).then((m)=>{try{m.lockFolder(${JSON.stringify(dir)});console.log('got it')}catch(e){console.log(e.code)}})`
    const other = () => spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stdout.trim()
    assert.equal(other(), 'already-running')
    lock.release()
    assert.equal(other(), 'got it')
    assert.equal((await stat(join(dir, 'agent.lock'))).mode & 0o077, 0)
    await writeFile(join(dir, 'agent.lock'), '')
    lockFolder(dir).release()
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('KEY-12: a state folder that others can change is refused with unsafe-folder, before anything is opened in it', {
  skip,
}, async () => {
  const base = await mkdtemp(join(tmpdir(), 'stint-unsafe-'))
  const [dir, target] = [join(base, 'state'), join(base, 'target')]
  try {
    await mkdir(dir, { mode: 0o700 })
    await chown(dir, anna, anna)
    await symlink(target, join(dir, 'agent.lock'))
    assert.throws(() => lockFolder(dir, 0o700), hasCode('unsafe-folder'))
    await assert.rejects(stat(target), { code: 'ENOENT' })
    await rm(join(dir, 'agent.lock'))
    await chown(dir, 0, 0)
    await chmod(dir, 0o770)
    assert.throws(() => lockFolder(dir, 0o700), hasCode('unsafe-folder'))
    await chmod(dir, 0o700)
    lockFolder(dir, 0o700).release()
  } finally {
    await rm(base, { recursive: true })
  }
})

test('flags are read strictly', () => {
  assert.deepEqual(readOptions(['--state', '/s', '--run', '/r', '--courier-uid', '7', '--json']), {
    stateDir: '/s',
    runDir: '/r',
    enrollToken: undefined,
    courierUid: 7,
    remove: false,
    json: true,
  })
  assert.equal(readOptions(['--help']), 'help')
  for (const wrong of [
    ['--courier-uid', '0'],
    ['--courier-uid', 'x'],
    ['--state', 'relative'],
    ['--nonsense'],
    ['extra'],
    ['--enroll', '@/nonexistent/token'],
  ])
    assert.throws(() => readOptions(wrong), hasCode('usage'), wrong.join(' '))
})

test('an enrolment token may come from a file, out of the process list', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stint-token-'))
  try {
    await writeFile(join(folder, 'token'), 'stint-enroll.abc\n', { mode: 0o600 })
    const options = readOptions(['--enroll', `@${join(folder, 'token')}`])
    assert.ok(options !== 'help')
    assert.equal(options.enrollToken, 'stint-enroll.abc')
  } finally {
    await rm(folder, { recursive: true })
  }
})
