import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { courierFrameMax, FrameReader } from '@stint/wire'
import type { Reply } from '@stint/wire/local-user'

/** The agent went away before it answered. */
export class AgentGone extends Error {}

/** One connection to a socket of the agent. Frames only; events are passed over. */
export class SocketLine {
  readonly socket: Socket
  readonly #waiting = new Map<number, { resolve(reply: Reply): void; reject(error: Error): void }>()
  #id = 0

  private constructor(socket: Socket) {
    this.socket = socket
    const frames = new FrameReader(courierFrameMax)
    socket.on('data', (chunk) => {
      for (const text of frames.push(chunk)) this.#take(JSON.parse(text) as Reply)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new AgentGone())
      this.#waiting.clear()
    })
  }

  /** @throws AgentGone when nobody listens */
  static async to(path: string): Promise<SocketLine> {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
    } catch {
      throw new AgentGone()
    }
    return new SocketLine(socket)
  }

  /** @throws AgentGone */
  reply(call: Readonly<Record<string, unknown>>): Promise<Reply> {
    const id = ++this.#id
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new AgentGone())
      this.#waiting.set(id, { resolve, reject })
      this.socket.write(`${JSON.stringify({ id, ...call })}\n`)
    })
  }

  #take(reply: Reply): void {
    this.#waiting.get(reply.id)?.resolve(reply)
    this.#waiting.delete(reply.id)
  }

  close(): void {
    this.socket.destroy()
  }
}

/** What a reply says in a word: `ok`, a refusal's code, or `fault:` and its code. */
export function wordOf(reply: Reply): string {
  if (reply.ok) return 'ok'
  return 'refused' in reply ? reply.refused.code : `fault:${reply.fault.code}`
}
