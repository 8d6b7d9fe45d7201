import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '@stint/elevation'

/**
 * The few file operations that must survive a power cut. Everything the agent remembers goes through here; whatever
 * resolves is on the disk. Throws `Fault` `disk-full` (no space, quota) or `disk-failed`; then a later read finds the
 * old content or the new one, whole, and a power cut may bring the old one back. The old one for certain when no file
 * could be written; the new one when only the folder could not be made durable.
 */
export interface Disk {
  /** Folder for root only, with its parents. */
  makeDir(path: string): Promise<void>
  /** Null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>
  /** Names in a folder, sorted. Empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>
  /** All or nothing: new file, fsync, rename, fsync of the folder. Mode 0600. */
  replace(path: string, content: Uint8Array): Promise<void>
  /**
   * Writes `content` at `offset`, which is where the file ends as far as anybody was told, and makes it durable.
   * What an earlier, failed append left behind `offset` is cut off first.
   */
  append(path: string, offset: number, content: Uint8Array): Promise<void>
  /** Harmless when there is no such file. */
  remove(path: string): Promise<void>
  /** As `remove`, and its bytes are overwritten first, as far as the file system lets that reach the medium. */
  erase(path: string): Promise<void>
}

export class FileDisk implements Disk {
  async makeDir(path: string): Promise<void> {
    await told(path, () => mkdir(path, { recursive: true, mode: 0o700 }))
  }

  read(path: string): Promise<Uint8Array | null> {
    return told(path, () => absentIs(null, readFile(path, { flag: READ })))
  }

  list(path: string): Promise<readonly string[]> {
    return told(path, async () => (await absentIs([], readdir(path))).sort())
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    const fresh = `${path}.new`
    await told(path, async () => {
      await absentIs(undefined, unlink(fresh))
      const file = await open(fresh, 'wx', 0o600)
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(fresh, path)
      await syncDir(dirname(path))
    })
  }

  async append(path: string, offset: number, content: Uint8Array): Promise<void> {
    await told(path, async () => {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
      try {
        const { size } = await file.stat()
        if (size < offset) throw new Fault('disk-failed', `${path} has become shorter`, lookAtDisk)
        if (size > offset) await file.truncate(offset)
        await writeAt(file, offset, content)
        await file.sync()
      } finally {
        await file.close()
      }
      if (offset === 0) await syncDir(dirname(path))
    })
  }

  async remove(path: string): Promise<void> {
    await told(path, async () => {
      if ((await absentIs('absent', unlink(path))) !== 'absent') await syncDir(dirname(path))
    })
  }

  async erase(path: string): Promise<void> {
    await told(path, async () => {
      const file = await absentIs(null, open(path, constants.O_WRONLY | constants.O_NOFOLLOW))
      if (file === null) return
      try {
        await writeAt(file, 0, new Uint8Array((await file.stat()).size))
        await file.sync()
      } finally {
        await file.close()
      }
      await unlink(path)
      await syncDir(dirname(path))
    })
  }
}

/** A link in the place of a file of ours is not ours: opening it fails. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW

const lookAtDisk = 'Look at the disk of this computer; nothing was changed.'

async function writeAt(file: FileHandle, offset: number, content: Uint8Array): Promise<void> {
  let done = 0
  while (done < content.length) {
    const { bytesWritten } = await file.write(content, done, content.length - done, offset + done)
    done += bytesWritten
  }
}

async function syncDir(path: string): Promise<void> {
  const dir = await open(path, 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}

function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

async function absentIs<T, A>(absent: A, reading: Promise<T>): Promise<T | A> {
  try {
    return await reading
  } catch (error) {
    if (errno(error) === 'ENOENT') return absent
    throw error
  }
}

async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw error
    const code = errno(error)
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new Fault('disk-full', 'The disk is full', 'Make space; until then nobody can be raised.', {
        cause: error,
      })
    throw new Fault('disk-failed', `${path} cannot be used (${code ?? 'unknown error'})`, lookAtDisk, {
      cause: error,
    })
  }
}
