import { Fault } from '@stint/elevation'

/** Longest frame of each local conversation, in bytes of UTF-8 including the newline. */
export const userFrameMax = 64 * 1024
export const courierFrameMax = 8 * 1024 * 1024
export const issuerFrameMax = 1024 * 1024

/**
 * Cuts a byte stream into newline-terminated frames. Holds at most one frame; a longer one throws
 * `Fault('frame-too-long')`, after which the connection must be closed.
 */
export class FrameReader {
  readonly #max: number
  #held: Uint8Array[] = []
  #heldBytes = 0
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })

  constructor(maxBytes: number) {
    this.#max = maxBytes
  }

  /** Takes a chunk, gives the frames that it completes. Throws on overlong frames and on bytes that are not UTF-8. */
  push(chunk: Uint8Array): string[] {
    const frames: string[] = []
    let from = 0
    for (;;) {
      const newline = chunk.indexOf(10, from)
      const part = chunk.subarray(from, newline === -1 ? chunk.length : newline)
      this.#hold(part)
      if (newline === -1) return frames
      frames.push(this.#release())
      from = newline + 1
    }
  }

  #hold(part: Uint8Array): void {
    if (this.#heldBytes + part.length >= this.#max)
      throw new Fault(
        'frame-too-long',
        'A message is longer than agreed',
        'Close the connection and start again.',
      )
    if (part.length > 0) this.#held.push(part.slice())
    this.#heldBytes += part.length
  }

  #release(): string {
    const whole = new Uint8Array(this.#heldBytes)
    let at = 0
    for (const part of this.#held) {
      whole.set(part, at)
      at += part.length
    }
    this.#held = []
    this.#heldBytes = 0
    try {
      return this.#decoder.decode(whole)
    } catch {
      throw new Fault('malformed', 'A message is not UTF-8', 'Close the connection and start again.')
    }
  }
}

/** One frame for the stream. JSON never contains a raw newline, so the frame ends only where it should. */
export function frame(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
