import { toHex } from './bytes.ts'
import { emergencyVerifier, parseEmergency } from './emergency.ts'
import {
  type Crash,
  day,
  isOpen,
  limits,
  mergeParams,
  type OpenRequest,
  type Outcome,
  type Settings,
  type State,
  shown,
  type UserState,
  type Window,
  waitAfter,
} from './endpoint-state.ts'
import { encodeRequest, kinds, requestText } from './request.ts'
import { answerPayload, type Params, parseResponse, recoveryText, unpackParams } from './response.ts'
import { answerSeed, checkFits, normalise } from './symbols.ts'
import { verifyToken } from './token.ts'

/** spec/guess-limits.md as a model: durable state, what memory holds, and one method for each event. */

export class Endpoint {
  readonly #settings: Settings
  #state: State
  #durable: State
  #up = 0
  #typos: Record<string, number[]> = {}
  #recoveryAt = 0

  constructor(settings: Settings) {
    this.#settings = settings
    const user = (): UserState => ({ failures: 0, owed: 0, window: null, session: null, recovery: null })
    this.#state = {
      counter: 0n,
      failures: 0,
      quarantine: false,
      window: null,
      recoveryWindow: null,
      emergency: {},
      users: Object.fromEntries(Object.keys(settings.users).map((name) => [name, user()])),
    }
    this.#durable = structuredClone(this.#state)
  }

  /** Lets powered-on time pass up to `up`, seconds since this start. */
  advance(up: number): void {
    const passed = up - this.#up
    if (passed < 0) throw new RangeError('powered-on time goes back')
    this.#up = up
    const windows = [this.#state.window, this.#state.recoveryWindow]
    for (const user of Object.values(this.#state.users)) {
      user.owed = Math.max(0, user.owed - passed)
      windows.push(user.window)
      for (const open of [user.session, user.recovery]) if (open !== null) open.age += passed
    }
    for (const window of windows) if (window !== null) window.age += passed
  }

  save(): void {
    this.#durable = structuredClone(this.#state)
  }

  /** Stops and starts again. In order keeps all time; a power cut loses what was not saved. */
  restart(inOrder: boolean): void {
    if (inOrder) this.save()
    this.#state = structuredClone(this.#durable)
    this.#up = 0
    this.#typos = {}
    this.#recoveryAt = 0
  }

  create(name: string, kind: number, nonce: number): Outcome {
    const user = this.#user(name)
    const helps = kind === kinds.recovery || kind === kinds.maintenance
    const latest = this.#latest(user, helps)
    if (latest !== null && isOpen(latest)) return { result: 'ok', ...shown(latest) }
    if (this.#state.quarantine && !helps) return { result: 'quarantine' }
    const windows = this.#windows(user, helps)
    const full = windows.filter(([window, most]) => window.count >= most)
    if (full.length > 0)
      return { result: 'wait', wait: Math.ceil(Math.max(...full.map(([window]) => day - window.age))) }
    for (const [window] of windows) window.count += 1
    this.#state.counter += 1n
    const who = this.#settings.users[name]
    if (who === undefined) throw new RangeError(`no user ${name}`)
    const request = { ...who, kind, nonce, pol: this.#settings.pol, counter: this.#state.counter }
    const open: OpenRequest = {
      request,
      code: encodeRequest(this.#settings.device, request),
      state: 'OPEN',
      tries: 0,
      age: 0,
      half: null,
    }
    if (helps) user.recovery = open
    else user.session = open
    this.save()
    return { result: 'ok', ...shown(open) }
  }

  cancel(name: string): void {
    const open = this.#user(name).session
    if (open !== null && isOpen(open)) open.state = 'VOID'
    this.save()
  }

  /** The machine's state went back. */
  suspectRollback(): void {
    this.#state.quarantine = true
    for (const user of Object.values(this.#state.users)) {
      for (const open of [user.session, user.recovery]) if (open !== null && isOpen(open)) open.state = 'VOID'
    }
    this.save()
  }

  unlockUser(name: string): void {
    Object.assign(this.#user(name), { failures: 0, owed: 0 })
    this.save()
  }

  unlockDevice(): void {
    this.#state.failures = 0
    this.#state.quarantine = false
    for (const name of Object.keys(this.#state.users)) this.unlockUser(name)
  }

  submit(name: string, typed: string, crash: Crash | null): Outcome {
    const user = this.#user(name)
    const typoWait = this.#typoWait(name)
    if (typoWait > 0) return { result: 'wait', wait: typoWait }
    const open = this.#latest(user, false)
    const parsed = parseResponse(typed, open?.code ?? { bits: 0n, width: 75 })
    if ('result' in parsed && parsed.result === 'format' && parsed.reserved !== true)
      return this.#typingError(name, 'format')
    if (open?.state === 'CONSUMED') return { result: 'consumed' }
    if (open === null || !isOpen(open)) return { result: 'expired' }
    if ('result' in parsed) return this.#typingError(name, parsed.result)
    const params = unpackParams(parsed.payload)
    if (open.half?.slot === params.slot) return { result: 'consumed' }
    return this.#refusal(user) ?? this.#countAndCompare(user, open, parsed.payload, crash)
  }

  submitRecovery(name: string, typed: string): Outcome {
    const typoWait = this.#typoWait(name)
    if (typoWait > 0) return { result: 'wait', wait: typoWait }
    const open = this.#latest(this.#user(name), true)
    const symbols = normalise(typed)
    if (symbols?.length !== 16) return this.#typingError(name, 'format')
    if (open?.state === 'CONSUMED') return { result: 'consumed' }
    if (open === null || !isOpen(open)) return { result: 'expired' }
    if (!checkFits(symbols, answerSeed(open.code.bits, 75))) return this.#typingError(name, 'typo')
    const wait = this.#recoveryAt + limits.recoveryGap - this.#up
    if (wait > 0) return { result: 'wait', wait: Math.ceil(wait) }
    this.#recoveryAt = this.#up
    const right = normalise(recoveryText(this.#settings.device, open.request, open.code))
    if (symbols !== right) return { result: 'bad' }
    open.state = 'CONSUMED'
    if (open.request.kind === kinds.recovery) this.unlockDevice()
    this.save()
    return { result: 'ok' }
  }

  submitEmergency(name: string, typed: string, crash: Crash | null): Outcome {
    const user = this.#user(name)
    const typoWait = this.#typoWait(name)
    if (typoWait > 0) return { result: 'wait', wait: typoWait }
    const code = parseEmergency(typed)
    if ('result' in code) return this.#typingError(name, code.result)
    const list = this.#settings.lists?.find(({ list, user }) => list === code.list && user === name)
    const verifier = list?.verifiers[code.index - 1]
    if (list === undefined || verifier === undefined) return { result: 'expired' }
    if (code.index <= (this.#state.emergency[code.list] ?? 0)) return { result: 'consumed' }
    const refusal = this.#refusal(user)
    if (refusal !== null) return refusal
    const device = this.#state.failures
    this.#count(user)
    this.save()
    if (crash === 'after-count') return this.#lostPower()
    const { deviceId } = this.#settings.device
    const userId = this.#settings.users[name]?.userId ?? ''
    const made = emergencyVerifier(deviceId, userId, code.list, code.index, code.secret, list.salt)
    if (toHex(made) !== toHex(verifier)) return { result: 'bad', wait: Math.ceil(user.owed) }
    this.#state.emergency[code.list] = code.index
    this.#state.failures = device
    Object.assign(user, { failures: 0, owed: 0 })
    this.save()
    return { result: 'ok' }
  }

  submitToken(name: string, token: string): Outcome {
    const user = this.#user(name)
    const open = this.#latest(user, false)
    const target = {
      deviceId: toHex(this.#settings.device.deviceId),
      request: open === null ? '' : requestText(open.code),
      counter: Number(open?.request.counter ?? 0),
      userId: this.#settings.users[name]?.userId ?? '',
    }
    const result = verifyToken(token, this.#settings.keys ?? [], target)
    if (result !== 'ok') return { result }
    if (open?.state === 'CONSUMED') return { result: 'consumed' }
    if (open === null || !isOpen(open)) return { result: 'expired' }
    if (this.#state.quarantine) return { result: 'quarantine' }
    if (this.#settings.dual) return { result: 'bad' }
    open.state = 'CONSUMED'
    Object.assign(user, { failures: 0, owed: 0 })
    this.save()
    return { result: 'ok' }
  }

  #count(user: UserState): void {
    user.failures += 1
    this.#state.failures += 1
    user.owed = waitAfter(user.failures)
  }

  #user(name: string): UserState {
    const user = this.#state.users[name]
    if (user === undefined) throw new RangeError(`no user ${name}`)
    return user
  }

  #latest(user: UserState, helps: boolean): OpenRequest | null {
    const open = helps ? user.recovery : user.session
    if (open !== null && isOpen(open) && open.age >= this.#settings.ttl) {
      open.state = 'EXPIRED'
      this.save()
    }
    return open
  }

  #windows(user: UserState, helps: boolean): [Window, number][] {
    const current = (window: Window | null): Window =>
      window !== null && window.age < day ? window : { age: 0, count: 0 }
    if (helps) {
      this.#state.recoveryWindow = current(this.#state.recoveryWindow)
      return [[this.#state.recoveryWindow, 20]]
    }
    user.window = current(user.window)
    this.#state.window = current(this.#state.window)
    return [
      [user.window, 20],
      [this.#state.window, 60],
    ]
  }

  #typoWait(name: string): number {
    const recent = (this.#typos[name] ?? []).filter((at) => this.#up - at < limits.typoWindow)
    const oldest = recent.at(-limits.typos)
    return oldest === undefined ? 0 : Math.ceil(oldest + limits.typoWindow - this.#up)
  }

  #typingError(name: string, result: 'format' | 'typo'): Outcome {
    this.#typos[name] = [...(this.#typos[name] ?? []), this.#up]
    return { result }
  }

  #refusal(user: UserState): Outcome | null {
    if (this.#state.quarantine) return { result: 'quarantine' }
    if (user.failures >= limits.user || this.#state.failures >= limits.device) return { result: 'locked' }
    return user.owed > 0 ? { result: 'wait', wait: Math.ceil(user.owed) } : null
  }

  #countAndCompare(user: UserState, open: OpenRequest, payload: bigint, crash: Crash | null): Outcome {
    const before = { user: user.failures, owed: user.owed, device: this.#state.failures, tries: open.tries }
    this.#count(user)
    open.tries += 1
    this.save()
    if (crash === 'after-count') return this.#lostPower()
    const params = unpackParams(payload)
    if (!this.#isRight(open, payload, params)) {
      if (open.tries >= limits.tries) open.state = 'VOID'
      this.save()
      return { result: 'bad', triesLeft: limits.tries - open.tries, wait: Math.ceil(user.owed) }
    }
    this.#state.failures = before.device
    if (this.#settings.dual && open.half === null) {
      Object.assign(user, { failures: before.user, owed: before.owed })
      Object.assign(open, { state: 'HALF', half: params, tries: before.tries })
      this.save()
      return { result: 'ok', half: params.slot }
    }
    Object.assign(user, { failures: 0, owed: 0 })
    const applied = open.half === null ? params : mergeParams(open.half, params)
    open.state = 'CONSUMED'
    this.save()
    return crash === 'after-consume' ? this.#lostPower() : { result: 'ok', ...applied }
  }

  #isRight(open: OpenRequest, payload: bigint, params: Params): boolean {
    if (params.slot === 1 && !this.#settings.dual) return false
    if (open.half !== null && open.half.profile !== params.profile) return false
    return answerPayload(this.#settings.device, open.request, open.code, params) === payload
  }

  #lostPower(): Outcome {
    this.restart(false)
    return { result: 'power-cut' }
  }
}
