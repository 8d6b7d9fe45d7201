import { Fault } from '@stint/elevation'
import type { CourierState } from '@stint/wire/local-courier'
import { acceptedEmpty, ServerRefusal } from './answer.ts'
import { backOffMs } from './back-off.ts'
import { Contact } from './contact.ts'
import { DeviceSession, type Enrolled } from './device-session.ts'
import { carryEnrolment } from './enrolling.ts'
import { EventListening } from './event-listening.ts'
import { carryHeal } from './healing.ts'
import { uploadJournal } from './journal-upload.ts'
import type { AgentLink, Log, Random, ServerLink, Timers } from './links.ts'
import { serverAddress } from './server-address.ts'

export interface CourierParts {
  readonly agent: AgentLink
  readonly server: ServerLink
  readonly timers: Timers
  readonly random: Random
  readonly log: Log
  /** Speak plain HTTP to other computers too. */
  readonly plainHttp?: boolean
}

export interface Courier {
  start(): void
  stop(): void
}

/**
 * Longest pause while a person waits for the server or this computer has no network at all, when trying costs nobody
 * anything; and otherwise.
 */
const waitingMaxMs = 30_000
const idleMaxMs = 5 * 60_000
/** A refused session that is older gets a new one at once: the server restarted, or this computer's clock jumped. */
const freshSessionMs = 10_000
/** So long after a request was sent, somebody may still be waiting for its answer. */
const answerHopedForMs = 60 * 60_000

/**
 * Carries until stopped. One round after the other asks the agent what there is to do and does it in this order:
 * enrolment; session, status, requests, event stream, keys, journal. A round that fails is tried again after a pause
 * that grows; only a request that was never tried, another state or another server cuts the pause short, so nothing
 * that fails is ever tried hot. All that is kept between rounds is in memory: the agent holds the truth.
 */
export function createCourier(parts: CourierParts): Courier {
  return new Rounds(parts)
}

class Rounds implements Courier {
  readonly #parts: CourierParts
  readonly #contact: Contact
  readonly #listening: EventListening
  #session: DeviceSession | undefined
  #statusSent = ''
  /** Requests that were tried, and what the server will not take. */
  readonly #tried = new Set<string>()
  readonly #unwanted = new Set<string>()
  #lastSentAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #endPause: (() => void) | undefined
  /** Who the last round was about; another one starts without a pause. */
  #subject = ''
  #state: CourierState | undefined
  #busy = false
  #again = false
  #stopped = false

  constructor(parts: CourierParts) {
    this.#contact = new Contact(parts.agent, parts.timers)
    this.#parts = { ...parts, server: this.#contact.watching(parts.server) }
    this.#listening = new EventListening({
      ...this.#parts,
      alive: () => this.#contact.reached(),
      steady: () => {
        this.#failures = 0
      },
      ended: (error) => this.#streamEnded(error),
    })
  }

  start(): void {
    this.#parts.agent.listen({
      connected: () => {
        this.#contact.forget()
        this.#wake()
      },
      changed: (state) => {
        if (this.#endPause === undefined || this.#isUrgent(state)) this.#wake()
      },
    })
  }

  stop(): void {
    this.#stopped = true
    this.#endPause?.()
    this.#listening.stop()
    this.#parts.agent.close()
  }

  #isUrgent(state: CourierState): boolean {
    return (
      subjectOf(state) !== this.#subject || state.unsent.some(({ requestId }) => !this.#tried.has(requestId))
    )
  }

  /** Starts a round now, or another one after the one that is under way. */
  #wake(): void {
    this.#endPause?.()
    this.#endPause = undefined
    this.#again = true
    if (!this.#busy && !this.#stopped) void this.#run()
  }

  async #run(): Promise<void> {
    this.#busy = true
    while (this.#again && !this.#stopped) {
      this.#again = false
      await this.#round()
    }
    this.#busy = false
  }

  async #round(): Promise<void> {
    try {
      const asked = await this.#parts.agent.call({ call: 'state' })
      if (!asked.ok) return
      this.#about(asked.value)
      await this.#work(asked.value)
    } catch (error) {
      await this.#failed(error)
    }
  }

  /** Another computer, server or standing: nothing of the old one is used again. */
  #about(state: CourierState): void {
    this.#state = state
    const subject = subjectOf(state)
    if (subject === this.#subject) return
    this.#subject = subject
    this.#session = undefined
    this.#listening.stop(true)
    this.#unwanted.clear()
    this.#failures = 0
  }

  async #work(state: CourierState): Promise<void> {
    const { agent, server, plainHttp } = this.#parts
    const { serverUrl, tenant, deviceId } = state
    if (serverUrl === null || (state.state !== 'enrolling' && state.state !== 'enrolled')) return
    const address = () => serverAddress(serverUrl, plainHttp === true)
    if (state.state === 'enrolling') {
      await carryEnrolment(agent, server, address)
    } else if (tenant !== null && deviceId !== null) {
      await this.#serve(state, { address: address(), tenant, deviceId })
    }
  }

  async #serve(state: CourierState, enrolled: Enrolled): Promise<void> {
    const { agent } = this.#parts
    for (const { requestId } of state.unsent) this.#tried.add(requestId)
    const session = await this.#sessionFor(enrolled)
    await this.#sendUrgent(state, session)
    this.#listening.start(session)
    if (state.healWanted) await carryHeal(agent, session)
    const { received: from, size } = state.journal
    await uploadJournal(agent, session, { from, size })
    if (this.#listening.isSteady) this.#failures = 0
  }

  async #sessionFor(enrolled: Enrolled): Promise<DeviceSession> {
    if (this.#session?.isFor(enrolled)) return this.#session
    this.#session = await DeviceSession.open(this.#parts, enrolled)
    this.#statusSent = ''
    return this.#session
  }

  /** Status and requests. A request that the server will never take does not hold up the others. */
  async #sendUrgent(state: CourierState, session: DeviceSession): Promise<void> {
    const { agent, timers, log } = this.#parts
    for (const request of state.unsent) {
      if (this.#unwanted.has(request.requestId)) continue
      try {
        acceptedEmpty(await session.post('requests', request))
      } catch (error) {
        if (!(error instanceof ServerRefusal) || !error.lasting || isAboutUs(error)) throw error
        log(`a request was refused: ${error.code}`)
        this.#unwanted.add(request.requestId)
        continue
      }
      this.#lastSentAt = timers.now()
      await agent.call({ call: 'request-sent', requestId: request.requestId })
    }
    const status = JSON.stringify(state.status)
    if (state.status === null || status === this.#statusSent) return
    acceptedEmpty(await session.post('status', state.status))
    this.#statusSent = status
  }

  #streamEnded(error: unknown): void {
    if (this.#stopped) return
    void this.#failed(
      error ?? new Fault('stream-ended', 'The server closed the stream', 'It is opened again.'),
    )
  }

  /** Tells the person's screen, and comes back later: at once only in place of a session that was good. */
  async #failed(error: unknown): Promise<void> {
    if (this.#stopped || isFault(error, 'agent-not-running')) return
    this.#failures += 1
    if (error instanceof ServerRefusal && error.status === 401) {
      const wasGood = (this.#session?.ageMs ?? 0) >= freshSessionMs
      this.#session = undefined
      if (wasGood) return this.#wake()
    }
    this.#parts.log(`a round failed: ${codeOf(error)}`)
    const hasNetwork = !isFault(error, 'no-network')
    if (!hasNetwork || isFault(error, 'server-unreachable') || isFault(error, 'server-misbehaves'))
      await this.#contact.lost()
    if (error instanceof ServerRefusal && error.code === 'device-revoked') return this.#revoked()
    this.#pause(hasNetwork)
  }

  /** Stops quietly: the agent's next state has no server to speak to. */
  async #revoked(): Promise<void> {
    this.#session = undefined
    this.#listening.stop(true)
    await this.#parts.agent.call({ call: 'deliver', message: { type: 'revoked' } }).catch(() => undefined)
    this.#pauseFor(idleMaxMs)
  }

  #pause(hasNetwork: boolean): void {
    const longest = this.#isAwaited() || !hasNetwork ? waitingMaxMs : idleMaxMs
    this.#pauseFor(backOffMs(this.#failures, longest, this.#parts.random))
  }

  /** Somebody may be looking at a screen. */
  #isAwaited(): boolean {
    const sentLately = this.#parts.timers.now() - this.#lastSentAt < answerHopedForMs
    const { state, unsent } = this.#state ?? { state: 'unenrolled', unsent: [] }
    return sentLately || state === 'enrolling' || unsent.length > this.#unwanted.size
  }

  #pauseFor(ms: number): void {
    this.#endPause?.()
    const end = this.#parts.timers.after(ms, () => {
      this.#endPause = undefined
      this.#wake()
    })
    this.#endPause = end
  }
}

function subjectOf({ state, serverUrl, tenant, deviceId }: CourierState): string {
  return JSON.stringify([state, serverUrl, tenant, deviceId])
}

/** The refusal is not about the message but about who sends it. */
function isAboutUs({ status, code }: ServerRefusal): boolean {
  return status === 401 || code === 'device-revoked'
}

function isFault(error: unknown, code: string): boolean {
  return error instanceof Fault && error.code === code
}

function codeOf(error: unknown): string {
  return error instanceof Fault || error instanceof ServerRefusal ? error.code : 'unexpected'
}
