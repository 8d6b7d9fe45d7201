import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { Fault, refuse } from '@stint/elevation'
import { FrameReader, frame, parse, parseJson, type Static, Type, userFrameMax } from '@stint/wire'
import {
  Reply,
  type UserCall,
  UserEvent,
  type UserResults,
  type UserStatus,
  userResultSchemas,
} from '@stint/wire/local-user'
import type { Clock } from './clock.ts'
import { type Attempt, type Failed, failed, faultOf, unreachable } from './ending.ts'

type CallName = UserCall['call']
/** What a call needs besides its name. */
export type CallFields<N extends CallName> = Omit<Extract<UserCall, { call: N }>, 'id' | 'call'>

/** One connection to this computer's agent, as the user who runs this. */
export interface Door {
  call<N extends CallName>(name: N, fields: CallFields<N>): Promise<Attempt<UserResults[N]>>
  /** Gives the status now; from then on `onEvent` gets every change, and `onClosed` the end of the connection. */
  watch(onEvent: (event: UserEvent) => void, onClosed: () => void): Promise<Attempt<UserStatus>>
  close(): void
}

export interface DoorOptions {
  readonly runDir: string
  readonly uid: number | null
  readonly clock: Clock
}

/** Longest time that the agent may take for an answer; giving rights and taking them away is in it. */
const answerWithinMs = 60_000

const Incoming = Type.Union([Reply, UserEvent])

/** Opens the socket that only this user can open. Not running, not reachable, not ours: `unreachable`. */
export function openDoor({ runDir, uid, clock }: DoorOptions): Promise<Attempt<Door>> {
  if (uid === null) return Promise.resolve(unreachable(refuse('agent-not-running')))
  const socket = connect(join(runDir, 'u', String(uid), 'agent.sock'))
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(whyClosed(error, isForRoot(runDir, uid))))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve({ ok: true, value: new Connection(socket, clock) })
    })
  })
}

/** An agent keeps no door for root, who has every right already. */
function isForRoot(runDir: string, uid: number): boolean {
  return uid === 0 && existsSync(join(runDir, 'u')) && !existsSync(join(runDir, 'u', '0'))
}

function whyClosed({ code, message }: NodeJS.ErrnoException, forRoot: boolean): Failed {
  if (forRoot)
    return failed('unreachable', {
      code: 'not-for-root',
      message: 'There is nothing to ask for as root, who has every right.',
      hint: 'Run this as yourself, without sudo.',
    })
  const gone = code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR'
  if (gone) return unreachable(refuse('agent-not-running'))
  if (code === 'EACCES' || code === 'EPERM')
    return failed('unreachable', {
      code: 'agent-not-open',
      message: 'The Stint agent runs, but does not let you in.',
      hint: 'Run this as yourself, not as another user. If it stays, tell your administrator.',
    })
  return failed('unreachable', {
    code: 'agent-not-running',
    message: `The Stint agent cannot be reached: ${message}.`,
    hint: refuse('agent-not-running').hint,
  })
}

class Connection implements Door {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #reader = new FrameReader(userFrameMax)
  readonly #waiting = new Map<number, (answer: Reply | Failed) => void>()
  #lastId = 0
  #onEvent: (event: UserEvent) => void = () => {}
  #onClosed: () => void = () => {}

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#ended(unreachable(refuse('agent-not-running'))))
  }

  async call<N extends CallName>(name: N, fields: CallFields<N>): Promise<Attempt<UserResults[N]>> {
    const id = ++this.#lastId
    const reply = await new Promise<Reply | Failed>((resolve) => {
      if (this.#socket.destroyed) return resolve(unreachable(refuse('agent-not-running')))
      const cancel = this.#clock.after(answerWithinMs, () => this.#settle(id, silent()))
      this.#waiting.set(id, (answer) => {
        cancel()
        resolve(answer)
      })
      this.#socket.write(frame({ id, call: name, ...fields }))
    })
    return resultOf(name, reply)
  }

  watch(onEvent: (event: UserEvent) => void, onClosed: () => void): Promise<Attempt<UserStatus>> {
    this.#onEvent = onEvent
    this.#onClosed = onClosed
    return this.call('watch', {})
  }

  close(): void {
    this.#onClosed = () => {}
    this.#socket.destroy()
  }

  #read(chunk: Uint8Array): void {
    try {
      for (const text of this.#reader.push(chunk)) {
        const message: Static<typeof Incoming> = parseJson(Incoming, text)
        if ('event' in message) this.#onEvent(message)
        else this.#settle(message.id, message)
      }
    } catch (error) {
      this.#ended(faultOf(error))
      this.#socket.destroy()
    }
  }

  #settle(id: number, answer: Reply | Failed): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(answer)
  }

  #ended(why: Failed): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, why)
    const closed = this.#onClosed
    this.#onClosed = () => {}
    closed()
  }
}

function silent(): Failed {
  return failed('fault', {
    code: 'agent-silent',
    message: 'The Stint agent does not answer.',
    hint: 'See `stint doctor`, or tell your administrator.',
  })
}

function resultOf<N extends CallName>(name: N, reply: Reply | Failed): Attempt<UserResults[N]> {
  if ('failure' in reply) return reply
  if (!reply.ok) return 'refused' in reply ? failed('refused', reply.refused) : failed('fault', reply.fault)
  try {
    return { ok: true, value: parse(userResultSchemas[name], reply.result) as UserResults[N] }
  } catch (error) {
    if (error instanceof Fault) return faultOf(error)
    throw error
  }
}
