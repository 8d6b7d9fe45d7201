import type { Socket } from 'node:net'
import { FrameReader, frame } from '@stint/wire'
import { faultReply } from './reply.ts'

/** Unread events of a client that does not listen; above this it is cut off. Its answers wait until it has read. */
const mostUnreadBytes = 8 * 1024 * 1024
/** Calls that one connection may have waiting before we stop reading from it. */
const mostWaiting = 32

export interface Frames {
  send(value: unknown): void
}

/**
 * Speaks frames over one connection: calls are answered in order, one at a time, the next one when the answer before
 * is on its way. What is no frame, or no JSON, is
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
      await taken(socket)
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

/** Resolves when what was written is on its way, or nobody is there any more. */
function taken(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}

const malformedCode = {
  code: 'malformed',
  hint: 'Both sides may be of different versions; update the older one.',
}
