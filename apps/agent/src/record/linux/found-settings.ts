import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import type { Native } from './native.ts'

/** The settings of the kernel's audit that we change, as they were found. */
export interface FoundSettings {
  readonly enabled: number
  readonly backlogLimit: number
  readonly rateLimit: number
}

const lockShared = 1
const lockAlone = 2
const dontWait = 4
const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants

/**
 * What was found before the first recorder of this computer changed it, in a file that all of them share. Whoever
 * records holds a shared lock on it, which a crash gives back; only the last to leave restores.
 */
export class SharedSettings {
  readonly #native: Native
  readonly #path: string
  readonly #fd: number

  private constructor(native: Native, path: string, fd: number) {
    this.#native = native
    this.#path = path
    this.#fd = fd
  }

  /** Waits while another recorder restores, which takes milliseconds. The folder must exist. */
  static join(native: Native, path: string): SharedSettings {
    for (;;) {
      const fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
      native.flock(fd, lockShared)
      // The last to leave removes the file: then this one is nobody's any more.
      if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino)
        return new SharedSettings(native, path, fd)
      closeSync(fd)
    }
  }

  /** Keeps what was found, unless somebody did already. To be called before anything is changed. */
  keep(found: FoundSettings): void {
    if (this.#read() !== null) return
    ftruncateSync(this.#fd)
    writeSync(this.#fd, JSON.stringify(found), 0)
  }

  /** The last to leave calls `restore` with what was found; then nothing is left. */
  leave(restore: (found: FoundSettings) => void): void {
    try {
      if (this.#native.flock(this.#fd, lockAlone | dontWait) < 0) return
      const found = this.#read()
      if (found !== null) restore(found)
      rmSync(this.#path, { force: true })
    } finally {
      closeSync(this.#fd)
    }
  }

  /** Null before the first `keep`, and for what a crash in the middle of it left: then nothing was changed yet. */
  #read(): FoundSettings | null {
    try {
      const { enabled, backlogLimit, rateLimit } = JSON.parse(readFileSync(this.#path, 'utf8'))
      const all = [enabled, backlogLimit, rateLimit]
      return all.every((value) => Number.isSafeInteger(value)) ? { enabled, backlogLimit, rateLimit } : null
    } catch {
      return null
    }
  }
}
