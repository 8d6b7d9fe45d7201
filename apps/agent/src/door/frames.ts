import type { Socket } from 'node:net'
import { FrameReader, frame } from '@stint/wire'
import { faultReply } from './reply.ts'

/** Unread answers of a client that does not listen; above this it is cut off. */
const mostUnreadBytes = 8 * 1024 * 1024
/** Calls that one connection may have waiting before we stop reading from it. */
const mostWaiting = 32

export interface Frames {
  send(value: unknown): void
}

/**
 * Speaks frames over one connection: calls are answered in order, one at a time. What is no frame, or no JSON, is
 * answered with a fault under number 0 and ends the connection; what it says is never looked at further.
 */
export function speakFrames(
  socket: Socket,
  maxBytes: number,
  answer: (call: unknown, frames: Frames) => Promise<unknown>,
): Frames {
  const reader = new FrameReader(maxBytes)
  let queue: Promise<void> = Promise.resolve()
  let waiting = 0
  const frames: Frames = {
    send: (value) => {
      if (socket.destroyed) return
      socket.write(frame(value))
      if (socket.writableLength > mostUnreadBytes) socket.destroy()
    },
  }
  const take = (text: string) => {
    const call: unknown = JSON.parse(text)
    waiting += 1
    if (waiting >= mostWaiting) socket.pause()
    queue = queue.then(async () => {
      const reply = await answer(call, frames)
      frames.send(reply)
      waiting -= 1
      if (waiting < mostWaiting) socket.resume()
    })
  }
  socket.on('data', (chunk) => {
    try {
      for (const text of reader.push(chunk)) take(text)
    } catch (error) {
      const malformed = error instanceof SyntaxError
      const known = malformed ? Object.assign(new Error('The message is not JSON'), malformedCode) : error
      socket.removeAllListeners('data')
      socket.end(frame(faultReply(0, known)))
    }
  })
  socket.on('error', () => socket.destroy())
  return frames
}

const malformedCode = {
  code: 'malformed',
  hint: 'Both sides may be of different versions; update the older one.',
}
