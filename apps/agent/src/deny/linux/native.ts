import koffi from 'koffi'

/**
 * The system calls for which Node has no name. Every function answers what the call answered, and a negative errno
 * (as the kernel does) when it failed.
 */
export interface Native {
  fanotifyInit(flags: number, eventFlags: number): number
  fanotifyMark(fd: number, flags: number, mask: number, path: string): number
  read(fd: number, into: Uint8Array): number
  write(fd: number, bytes: Uint8Array): number
  /** To a socket, never waits: `-EAGAIN` when it takes nothing now. */
  send(fd: number, bytes: Uint8Array): number
  /** Waits until something can be done with one of the files, or the time is over. Answers what, per file. */
  poll(wanted: readonly Wanted[], timeoutMs: number): readonly number[]
  memoryFile(name: string): number
  close(fd: number): number
}

export interface Wanted {
  readonly fd: number
  /** Of `pollFor`. */
  readonly events: number
}

export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  ENODEV: 19,
  EINVAL: 22,
  ENOSYS: 38,
} as const
export const pollFor = { input: 1, urgent: 2, output: 4, hangUp: 0x10 } as const

const currentFolder = -100
const dontWait = 0x40
const dontSignal = 0x4000
const closeOnExec = 1
const pollEntryBytes = 8

/** @throws when the native library cannot be loaded on this computer */
export function loadNative(): Native {
  const libc = koffi.load('libc.so.6')
  const fanotifyInit = libc.func('int fanotify_init(unsigned int, unsigned int)')
  const fanotifyMark = libc.func('int fanotify_mark(int, unsigned int, uint64_t, int, str)')
  const read = libc.func('int64_t read(int, _Out_ uint8_t *, size_t)')
  const write = libc.func('int64_t write(int, const uint8_t *, size_t)')
  const send = libc.func('int64_t send(int, const uint8_t *, size_t, int)')
  const poll = libc.func('int poll(_Inout_ uint8_t *, unsigned long, int)')
  const memfd = libc.func('int memfd_create(str, unsigned int)')
  const close = libc.func('int close(int)')
  const checked = (answer: number): number => (answer < 0 ? -koffi.errno() : answer)
  return {
    fanotifyInit: (flags, eventFlags) => checked(fanotifyInit(flags, eventFlags)),
    fanotifyMark: (fd, flags, mask, path) => checked(fanotifyMark(fd, flags, mask, currentFolder, path)),
    read: (fd, into) => checked(Number(read(fd, into, into.length))),
    write: (fd, bytes) => checked(Number(write(fd, bytes, bytes.length))),
    send: (fd, bytes) => checked(Number(send(fd, bytes, bytes.length, dontWait | dontSignal))),
    poll: (wanted, timeoutMs) => {
      const entries = new DataView(new ArrayBuffer(wanted.length * pollEntryBytes))
      for (const [at, { fd, events }] of wanted.entries()) {
        entries.setInt32(at * pollEntryBytes, fd, true)
        entries.setInt16(at * pollEntryBytes + 4, events, true)
      }
      poll(new Uint8Array(entries.buffer), wanted.length, timeoutMs)
      return wanted.map((_, at) => entries.getInt16(at * pollEntryBytes + 6, true))
    },
    memoryFile: (name) => checked(memfd(name, closeOnExec)),
    close: (fd) => checked(close(fd)),
  }
}
