import { errno, type Native } from './native.ts'

/** Numbers of linux/netlink.h. All integers are in the machine's order; Node runs on little-endian machines only. */
const headerBytes = 16
const flagRequest = 1
const flagAck = 4
const typeError = 2
const typeDone = 3
const family = 16
const typeRaw = 3
const solSocket = 1
const receiveBufferForce = 33

export interface NetlinkMessage {
  readonly type: number
  readonly sequence: number
  readonly payload: Buffer
}

/** One message as bytes, asking for an acknowledgement. */
export function encodeMessage(type: number, sequence: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flagRequest | flagAck, true)
  view.setUint32(8, sequence, true)
  bytes.set(payload, headerBytes)
  return bytes
}

/**
 * The one message of a datagram. Audit writes the length without the header in some kernels, so the length that
 * counts is the datagram's.
 */
export function decodeMessage(datagram: Buffer): NetlinkMessage | null {
  if (datagram.length < headerBytes) return null
  return {
    type: datagram.readUInt16LE(4),
    sequence: datagram.readUInt32LE(8),
    payload: datagram.subarray(headerBytes),
  }
}

/** @throws Error with the errno when the kernel refuses */
export function openNetlink(native: Native, protocol: number, groups: number): number {
  const fd = native.socket(family, typeRaw, protocol)
  if (fd < 0) throw new NetlinkRefusal(`socket of protocol ${protocol}`, -fd)
  const address = new DataView(new ArrayBuffer(12))
  address.setUint16(0, family, true)
  address.setUint32(8, groups, true)
  const bound = native.bind(fd, new Uint8Array(address.buffer))
  if (bound >= 0) return fd
  native.close(fd)
  throw new NetlinkRefusal(`bind to protocol ${protocol}`, -bound)
}

/** Memory is used only as far as the reader is behind. */
export function setReceiveBuffer(native: Native, fd: number, bytes: number): void {
  native.setOption(fd, solSocket, receiveBufferForce, bytes)
}

export class NetlinkRefusal extends Error {
  override readonly name = 'NetlinkRefusal'
  readonly errno: number
  constructor(what: string, errnoValue: number) {
    super(`the kernel refused: ${what} (errno ${errnoValue})`)
    this.errno = errnoValue
  }
}

const answerTimeoutMs = 5_000
const answerBytes = 16 << 10

/** Questions and answers with the kernel over one socket. Waits; each question takes well under a millisecond. */
export class NetlinkDialogue {
  readonly #native: Native
  readonly #fd: number
  readonly #into = Buffer.alloc(answerBytes)
  #sequence = 0

  constructor(native: Native, fd: number) {
    this.#native = native
    this.#fd = fd
  }

  /**
   * Sends one question and collects the answers. The kernel acknowledges at once and answers from a thread of its
   * own, so the acknowledgement may come before the answer and before the end of a list.
   * @param other sees messages that are no answers (records, when the socket also receives those)
   * @throws NetlinkRefusal
   */
  ask(
    type: number,
    payload: Uint8Array,
    {
      expect = 'nothing',
      other,
    }: { expect?: 'nothing' | 'one' | 'list'; other?: (datagram: Buffer) => void } = {},
  ): readonly NetlinkMessage[] {
    const sequence = ++this.#sequence
    const sent = this.#native.send(this.#fd, encodeMessage(type, sequence, payload))
    if (sent < 0) throw new NetlinkRefusal(`message ${type}`, -sent)
    const answers: NetlinkMessage[] = []
    for (let acknowledged = false, complete = expect === 'nothing'; !acknowledged || !complete; ) {
      const datagram = this.#next(type)
      const message = decodeMessage(datagram)
      if (message === null || message.sequence !== sequence) {
        other?.(datagram)
      } else if (message.type === typeError) {
        const code = message.payload.readInt32LE(0)
        if (code !== 0) throw new NetlinkRefusal(`message ${type}`, -code)
        acknowledged = true
      } else if (message.type === typeDone) {
        complete = true
      } else {
        answers.push(message)
        complete ||= expect === 'one'
      }
    }
    return answers
  }

  #next(type: number): Buffer {
    for (;;) {
      const size = this.#native.receive(this.#fd, this.#into)
      if (size >= 0) return Buffer.from(this.#into.subarray(0, size))
      if (size !== -errno.EAGAIN && size !== -errno.EINTR)
        throw new NetlinkRefusal(`answer to ${type}`, -size)
      if (size === -errno.EAGAIN && !this.#native.poll([this.#fd], answerTimeoutMs)[0]) {
        throw new NetlinkRefusal(`no answer to ${type}`, errno.EAGAIN)
      }
    }
  }
}
