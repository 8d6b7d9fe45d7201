import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { notTaken, type Outlet } from './outlet.ts'

const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_DIRECTORY } = constants
const NEWLINE = 10

/**
 * One JSON object in each line of `name`, directly in `folder`. Opened anew for each batch, so a file that was moved
 * away is followed by a new one; synced before it counts. A line that a stop cut in half is ended, never removed: its
 * fact comes whole behind it.
 */
export function createFileOutlet(folder: string, name: string): Outlet {
  return {
    async send(facts, signal) {
      signal.throwIfAborted()
      try {
        const root = await realpath(folder)
        const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
        await using file = await open(join(root, name), flags, 0o640)
        const { size } = await regular(file)
        const start = (await endsInHalfLine(file, size)) ? '\n' : ''
        await file.appendFile(start + facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''))
        await file.datasync()
        if (size === 0) await syncFolder(root)
      } catch (error) {
        throw notTaken(error)
      }
    },
  }
}

/** A pipe or a device would keep or lose what is written. */
async function regular(file: FileHandle) {
  const stat = await file.stat()
  if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'ENOTFILE' })
  return stat
}

async function endsInHalfLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  await file.read(last, 0, 1, size - 1)
  return last[0] !== NEWLINE
}

/** So that a new file's name survives a power cut too. */
async function syncFolder(root: string): Promise<void> {
  await using folder = await open(root, O_RDONLY | O_DIRECTORY)
  await folder.sync()
}
