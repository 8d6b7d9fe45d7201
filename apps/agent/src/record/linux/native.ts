import koffi from 'koffi'

/**
 * The few system calls that Node has no name for. Every function answers what the call answered, and a negative
 * errno (as the kernel does) when it failed.
 */
export interface Native {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array): number
  setOption(fd: number, level: number, option: number, value: number): number
  send(fd: number, message: Uint8Array): number
  /** Never waits: `-EAGAIN` when nothing is there. The message is at the start of `into`. */
  receive(fd: number, into: Uint8Array): number
  /** Waits until one of the files can be read; -1 ms waits for ever. Answers which can. */
  poll(fds: readonly number[], timeoutMs: number): readonly boolean[]
  /** Takes up to `count` messages with one call. */
  batch(count: number, largestBytes: number): MessageBatch
  eventFd(): number
  /** BSD file lock; `-EWOULDBLOCK` for one that somebody else holds and that is not waited for. */
  flock(fd: number, operation: number): number
  close(fd: number): number
  /** Gives freed memory back to the system: the C library keeps what a thread used, also after its end. */
  giveBackMemory(): void
  /** A system call without arguments, by its number. */
  call(number: number): number
}

/** Memory for many messages of at most so many bytes, outside of what the collector sees: `free` gives it back. */
export interface MessageBatch {
  /** How many came. Never waits: `-EAGAIN` when nothing is there. */
  receive(fd: number): number
  /** One of those that came; overwritten by the next `receive`. */
  message(at: number): Buffer
  free(): void
}

export const errno = { EINTR: 4, EAGAIN: 11, EEXIST: 17, ENOENT: 2, ENOBUFS: 105 } as const

const msgDontWait = 0x40
const pollIn = 1
const closeOnExec = 0x80000
const pollEntryBytes = 8
/** struct mmsghdr and struct iovec of 64-bit machines. */
const headerBytes = 64
const vectorBytes = 16
const vectorAt = 16
const vectorCountAt = 24
const lengthAt = 56

/** @throws when the native library cannot be loaded on this computer */
export function loadNative(): Native {
  const libc = koffi.load('libc.so.6')
  const socket = libc.func('int socket(int, int, int)')
  const bind = libc.func('int bind(int, const uint8_t *, uint32_t)')
  const setsockopt = libc.func('int setsockopt(int, int, int, const uint8_t *, uint32_t)')
  const send = libc.func('int64_t send(int, const uint8_t *, size_t, int)')
  const recv = libc.func('int64_t recv(int, _Out_ uint8_t *, size_t, int)')
  const recvmmsg = libc.func('int recvmmsg(int, void *, unsigned int, int, void *)')
  const poll = libc.func('int poll(_Inout_ uint8_t *, unsigned long, int)')
  const eventfd = libc.func('int eventfd(unsigned int, int)')
  const flock = libc.func('int flock(int, int)')
  const syscall = libc.func('long syscall(long)')
  const close = libc.func('int close(int)')
  const trim = libc.func('int malloc_trim(size_t)')
  const checked = (answer: number): number => (answer < 0 ? -koffi.errno() : answer)
  return {
    socket: (domain, type, protocol) => checked(socket(domain, type | closeOnExec, protocol)),
    bind: (fd, address) => checked(bind(fd, address, address.length)),
    setOption: (fd, level, option, value) =>
      checked(setsockopt(fd, level, option, new Uint8Array(new Int32Array([value]).buffer), 4)),
    send: (fd, message) => checked(send(fd, message, message.length, 0)),
    receive: (fd, into) => checked(Number(recv(fd, into, into.length, msgDontWait))),
    batch: (count, largestBytes) => {
      const memory = batchMemory(count, largestBytes)
      return {
        receive: (fd) => checked(recvmmsg(fd, memory.headers, count, msgDontWait, null)),
        message: memory.message,
        free: memory.free,
      }
    },
    poll: (fds, timeoutMs) => {
      const entries = new DataView(new ArrayBuffer(fds.length * pollEntryBytes))
      for (const [at, fd] of fds.entries()) {
        entries.setInt32(at * pollEntryBytes, fd, true)
        entries.setInt16(at * pollEntryBytes + 4, pollIn, true)
      }
      const asked = new Uint8Array(entries.buffer)
      // A signal, of a child that ended for one, is no answer: without this it would read as a timeout.
      while (poll(asked, fds.length, timeoutMs) < 0 && koffi.errno() === errno.EINTR);
      return fds.map((_, at) => entries.getInt16(at * pollEntryBytes + 6, true) !== 0)
    },
    eventFd: () => checked(eventfd(0, closeOnExec)),
    flock: (fd, operation) => checked(flock(fd, operation)),
    call: (number) => checked(Number(syscall(number))),
    close: (fd) => checked(close(fd)),
    giveBackMemory: () => void trim(0),
  }
}

/** The array that recvmmsg fills: `count` headers, each with one vector to its own part of `content`. */
function batchMemory(count: number, largestBytes: number) {
  const [headers, vectors, content] = [headerBytes, vectorBytes, largestBytes].map((bytes) =>
    koffi.alloc('uint8_t', count * bytes),
  )
  const headerView = new DataView(koffi.view(headers, count * headerBytes))
  const vectorView = new DataView(koffi.view(vectors, count * vectorBytes))
  const bytes = Buffer.from(koffi.view(content, count * largestBytes))
  for (const view of [headerView, vectorView]) new Uint8Array(view.buffer).fill(0)
  for (let at = 0; at < count; at++) {
    vectorView.setBigUint64(at * vectorBytes, koffi.address(content) + BigInt(at * largestBytes), true)
    vectorView.setBigUint64(at * vectorBytes + 8, BigInt(largestBytes), true)
    const header = at * headerBytes
    headerView.setBigUint64(header + vectorAt, koffi.address(vectors) + BigInt(at * vectorBytes), true)
    headerView.setBigUint64(header + vectorCountAt, 1n, true)
  }
  return {
    headers,
    message: (at: number): Buffer => {
      const length = headerView.getUint32(at * headerBytes + lengthAt, true)
      return bytes.subarray(at * largestBytes, at * largestBytes + length)
    },
    free: (): void => {
      for (const part of [headers, vectors, content]) koffi.free(part)
    },
  }
}
