import { createConnection, type Socket } from 'node:net'
import { Fault, type Outcome, type RefusalCode, refusalCodes, refuse } from '@stint/elevation'
import { courierFrameMax, FrameReader, frame, isOneOf, parse } from '@stint/wire'
import { CourierEvent, type CourierState } from '@stint/wire/local-courier'
import { Reply } from '@stint/wire/local-user'
import type { AgentLink, Log, Timers } from './links.ts'

const firstRetryMs = 250
const longestRetryMs = 5000

interface Waiting {
  readonly answered: (reply: Reply) => void
  readonly lost: (error: Fault) => void
}

/** The agent over its unix socket. Tries to connect again after 250 ms, doubling up to five seconds, for ever. */
export function agentSocket(path: string, timers: Timers, log: Log): AgentLink {
  return new AgentSocket(path, timers, log)
}

class AgentSocket implements AgentLink {
  readonly #path: string
  readonly #timers: Timers
  readonly #log: Log
  #socket: Socket | undefined
  #hear: Parameters<AgentLink['listen']>[0] | undefined
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #retryMs = firstRetryMs
  #endRetry: (() => void) | undefined
  #closed = false

  constructor(path: string, timers: Timers, log: Log) {
    this.#path = path
    this.#timers = timers
    this.#log = log
  }

  listen(hear: { connected(): void; changed(state: CourierState): void }): void {
    this.#hear = hear
    this.#connect()
  }

  async call<Result>(question: object): Promise<Outcome<Result>> {
    const socket = this.#socket
    if (socket === undefined) throw notRunning()
    this.#lastId = (this.#lastId % 2 ** 31) + 1
    const id = this.#lastId
    const reply = await new Promise<Reply>((answered, lost) => {
      this.#waiting.set(id, { answered, lost })
      socket.write(frame({ id, ...question }))
    })
    if (reply.ok) return { ok: true, value: reply.result as Result }
    if ('fault' in reply) throw new Fault(reply.fault.code, reply.fault.message, reply.fault.hint)
    return { ok: false, refused: { ...reply.refused, code: knownCode(reply.refused.code) } }
  }

  close(): void {
    this.#closed = true
    this.#endRetry?.()
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = createConnection(this.#path)
    const reader = new FrameReader(courierFrameMax)
    socket.on('connect', () => {
      this.#socket = socket
      this.#retryMs = firstRetryMs
      this.#hear?.connected()
    })
    socket.on('data', (chunk: Buffer) => this.#read(socket, reader, chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#lost(socket))
  }

  #read(socket: Socket, reader: FrameReader, chunk: Buffer): void {
    try {
      for (const text of reader.push(chunk)) this.#take(JSON.parse(text))
    } catch (error) {
      this.#log(`the agent is not understood: ${error instanceof Fault ? error.code : 'malformed'}`)
      socket.destroy()
    }
  }

  #take(value: unknown): void {
    if (typeof value === 'object' && value !== null && 'event' in value) {
      this.#hear?.changed(parse(CourierEvent, value).state)
      return
    }
    const reply = parse(Reply, value)
    this.#waiting.get(reply.id)?.answered(reply)
    this.#waiting.delete(reply.id)
  }

  #lost(socket: Socket): void {
    if (this.#socket === socket) this.#socket = undefined
    for (const { lost } of this.#waiting.values()) lost(notRunning())
    this.#waiting.clear()
    if (this.#closed) return
    this.#endRetry = this.#timers.after(this.#retryMs, () => this.#connect())
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
  }
}

/** A code of a newer agent is still a "no". */
function knownCode(code: string): RefusalCode {
  return isOneOf(refusalCodes, code) ? code : 'invalid'
}

function notRunning(): Fault {
  const { message, hint } = refuse('agent-not-running')
  return new Fault('agent-not-running', message, hint)
}
