import { errno, type Native } from './native.ts'

/** Numbers of linux/fanotify.h. */
const closeOnExec = 0x1
const nonBlocking = 0x2
const classContent = 0x4
const unlimitedQueue = 0x10
const unlimitedMarks = 0x20
const reportThread = 0x100
const markAdd = 0x1
const markFileSystem = 0x100
const openPermission = 0x10000
const openToExecute = 0x40000
const allow = 1
const deny = 2
const noFile = -1
const eventBytes = 24
const mostEventsAtOnce = 64
/** O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME */
const readQuietly = 0o3100000

/** Somebody waits inside the kernel until this is answered. */
export interface Question {
  /** Of the file; to be closed by whoever got the question. Reading it asks nobody. */
  readonly fd: number
  /** Thread that asks. */
  readonly tid: number
  /** True when the file is to be run, false when it is to be read. */
  readonly toExecute: boolean
}

/** The kernel asks before a file is opened. As soon as this is closed, it lets everything through. */
export class Fanotify {
  readonly fd: number
  readonly #native: Native
  readonly #into = new Uint8Array(eventBytes * mostEventsAtOnce)

  /** @throws FanotifyRefusal */
  constructor(native: Native) {
    this.#native = native
    const flags = closeOnExec | nonBlocking | classContent | unlimitedQueue | unlimitedMarks | reportThread
    const fd = native.fanotifyInit(flags, readQuietly)
    if (fd < 0) throw new FanotifyRefusal(-fd)
    this.fd = fd
  }

  /** Asks before any file of this file system is run. Answers 0 or an errno. */
  watchFileSystem(mountPoint: string): number {
    return -this.#native.fanotifyMark(this.fd, markAdd | markFileSystem, openToExecute, mountPoint)
  }

  /** Asks before this file is run or read, under whatever name. Answers 0 or an errno. */
  watchFile(path: string): number {
    return -this.#native.fanotifyMark(this.fd, markAdd, openToExecute | openPermission, path)
  }

  /** What waits now. A file that cannot be opened for us was refused by the kernel already. */
  questions(): readonly Question[] {
    const size = this.#native.read(this.fd, this.#into)
    if (size <= 0) return []
    const view = new DataView(this.#into.buffer)
    const found: Question[] = []
    for (let at = 0; at + eventBytes <= size; at += view.getUint32(at, true)) {
      const mask = view.getUint32(at + 8, true)
      const fd = view.getInt32(at + 16, true)
      if (fd === noFile) continue
      found.push({ fd, tid: view.getInt32(at + 20, true), toExecute: (mask & openToExecute) !== 0 })
    }
    return found
  }

  answer({ fd }: Question, allowed: boolean): void {
    const answer = new DataView(new ArrayBuffer(8))
    answer.setInt32(0, fd, true)
    answer.setUint32(4, allowed ? allow : deny, true)
    const written = this.#native.write(this.fd, new Uint8Array(answer.buffer))
    // The asking thread was killed meanwhile: nobody waits for this.
    if (written < 0 && written !== -errno.ENOENT) throw new FanotifyRefusal(-written)
  }

  close(): void {
    this.#native.close(this.fd)
  }
}

export class FanotifyRefusal extends Error {
  override readonly name = 'FanotifyRefusal'
  readonly errno: number
  constructor(number: number) {
    super(`the kernel refused with error ${number}`)
    this.errno = number
  }
}
