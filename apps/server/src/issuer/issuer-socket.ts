import { connect, type Socket } from 'node:net'
import { Fault, isOneOf, type Outcome, refusalCodes, refuse, refused } from '@stint/elevation'
import { FrameReader, frame, issuerFrameMax, parseJson } from '@stint/wire'
import type { IssuerResults } from '@stint/wire/issuer'
import { Reply } from '@stint/wire/local-user'
import type { Clock, Timers } from '../clock.ts'
import type { IssuerLink } from './issuer-link.ts'

const SILENCE_MS = 15_000
const LOOK_EVERY_MS = 5_000

interface Asked {
  readonly settle: (reply: Reply | null) => void
  readonly atMs: number
}

interface Time {
  readonly clock: Clock
  readonly timers: Timers
}

/** The issuer behind its unix socket. Connects when there is something to ask, and again after a break. */
export function createIssuerSocket(path: string, time: Time): IssuerLink & { close(): void } {
  let line: Line | null = null
  return {
    async call(request) {
      if (line === null || line.isOver()) line = openLine(path, time)
      const reply = await line.ask(request)
      // The issuer's answers are trusted: it is the process that holds the keys.
      return outcomeOf(reply) as Outcome<IssuerResults[typeof request.call]>
    },
    close: () => line?.close(),
  }
}

interface Line {
  ask(request: object): Promise<Reply | null>
  isOver(): boolean
  close(): void
}

/** One connection. Null to everybody who waits when it breaks, or when one of them has waited for 15 seconds. */
function openLine(path: string, { clock, timers }: Time): Line {
  const socket = connect(path)
  const waiting = new Map<number, Asked>()
  let lastId = 0
  let isOver = false
  const end = () => {
    isOver = true
    stopLooking()
    for (const { settle } of waiting.values()) settle(null)
    waiting.clear()
    socket.destroy()
  }
  const stopLooking = timers.every(LOOK_EVERY_MS, () => {
    const [oldest] = waiting.values()
    if (oldest !== undefined && clock.now() - oldest.atMs > SILENCE_MS) end()
  })
  const take = (reply: Reply) => {
    waiting.get(reply.id)?.settle(reply)
    waiting.delete(reply.id)
  }
  receive(socket, take, end)
  return {
    isOver: () => isOver,
    close: end,
    ask: (request) =>
      new Promise((settle) => {
        lastId += 1
        waiting.set(lastId, { settle, atMs: clock.now() })
        socket.write(frame({ ...request, id: lastId }))
      }),
  }
}

function receive(socket: Socket, take: (reply: Reply) => void, end: () => void): void {
  const reader = new FrameReader(issuerFrameMax)
  socket.on('data', (chunk) => {
    try {
      for (const text of reader.push(chunk)) take(parseJson(Reply, text))
    } catch {
      end()
    }
  })
  socket.on('error', end)
  socket.on('close', end)
}

function outcomeOf(reply: Reply | null): Outcome<unknown> {
  if (reply === null) return refused('issuer-unreachable')
  if (reply.ok) return { ok: true, value: reply.result }
  if ('refused' in reply && isOneOf(refusalCodes, reply.refused.code))
    return { ok: false, refused: refuse(reply.refused.code, { hint: reply.refused.hint }) }
  const fault = 'fault' in reply ? reply.fault : reply.refused
  throw new Fault('issuer-fault', `The issuer failed: ${fault.message} (${fault.code})`, fault.hint)
}
