import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { type Attempt, failed } from '../ending.ts'

/** The folder that an installation keeps everything in, held by one `stint` at a time. */
export interface DataFolder {
  readonly path: string
  /** Remembers which processes run, so that a start after a crash can end what that one left behind. */
  remember(pids: ReadonlyMap<string, number>): void
  release(): Promise<void>
}

/** Makes the folder if needed and takes it. Refusals `data-not-writable`, `already-running`. */
export async function takeDataFolder(folder: string): Promise<Attempt<DataFolder>> {
  const writable = makeWritable(resolve(folder))
  if (!writable.ok) return writable
  const path = writable.value
  const lock = join(path, 'up.sock')
  if (await isHeld(lock))
    return failed('refused', {
      code: 'already-running',
      message: `Stint runs already with the data folder ${path}.`,
      hint: 'Use that one, stop it with Ctrl-C where it runs, or choose another folder with --data DIR.',
    })
  rmSync(lock, { force: true })
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((done, fail) => server.once('error', fail).listen(lock, done))
  chmodSync(lock, 0o600)
  server.unref()
  const memory = join(path, 'up.json')
  endLeftovers(memory)
  return {
    ok: true,
    value: {
      path,
      remember: (pids) => {
        // A new file, so that nothing is written through a link.
        rmSync(memory, { force: true })
        writeFileSync(memory, JSON.stringify(withStartTimes(pids)), { mode: 0o600, flag: 'wx' })
      },
      release: async () => {
        rmSync(memory, { force: true })
        await new Promise((done) => server.close(done))
      },
    },
  }
}

function makeWritable(path: string): Attempt<string> {
  try {
    makeDirs(path)
    accessSync(path, constants.W_OK | constants.X_OK)
    return { ok: true, value: realpathSync(path) }
  } catch (error) {
    return failed('refused', {
      code: 'data-not-writable',
      message: `The data folder ${path} cannot be written: ${(error as NodeJS.ErrnoException).code}.`,
      hint: 'Choose another one with --data DIR, or run this as the user who owns it.',
    })
  }
}

/** One by one: where a parent cannot be made, as in /proc, Node's own way of making them all never ends. */
function makeDirs(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeDirs(parent)
  mkdirSync(path, { mode: 0o711 })
}

/** Somebody answers on the lock. A socket that nobody listens on was left by a crash. */
function isHeld(lock: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(lock)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

interface Remembered {
  readonly pid: number
  readonly startedAt: string
}

function withStartTimes(pids: ReadonlyMap<string, number>): readonly Remembered[] {
  return [...pids.values()].flatMap((pid) => {
    const startedAt = startTime(pid)
    return startedAt === null ? [] : [{ pid, startedAt }]
  })
}

/**
 * Asks processes to stop that a killed `stint` left; a number alone is used again, so the start time must agree. A
 * memory that somebody else wrote is not believed: it could name any process of the computer.
 */
function endLeftovers(memory: string): void {
  for (const { pid, startedAt } of leftBehind(memory)) {
    if (!(Number.isInteger(pid) && pid > 1) || typeof startedAt !== 'string') continue
    if (startTime(pid) !== startedAt) continue
    try {
      process.kill(pid, 'SIGTERM')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function leftBehind(memory: string): readonly Remembered[] {
  try {
    const found = lstatSync(memory)
    const isOurs = found.isFile() && found.uid === process.getuid?.()
    return isOurs ? JSON.parse(readFileSync(memory, 'utf8')) : []
  } catch {
    return []
  }
}

/** Clock ticks since the computer's start, as Linux tells them; null where it is gone or nothing tells. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
