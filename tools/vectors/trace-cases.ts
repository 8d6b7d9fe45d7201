import {
  type Charge,
  type CodeKeys,
  cancelRequest,
  chargeEmergency,
  chargeRecovery,
  chargeResponse,
  combineDual,
  createRequestCode,
  type DeviceEpoch,
  type EmergencyCode,
  type EmergencyList,
  elapse,
  emergencyStanding,
  emergencyVerifier,
  emptyLimiter,
  enterQuarantine,
  isAnswerTo,
  isOfEmergencyList,
  isPending,
  isRecoveryFor,
  type LimitedRequest,
  type Limiter,
  type LimiterState,
  limitedUser,
  type Outcome,
  openRequest,
  parseRequestCode,
  REQUEST_KINDS,
  type Refusal,
  type RequestContext,
  recogniseAnswer,
  requestText,
  type Settlement,
  settle,
  startLimiter,
  unlockDevice,
  unlockUser,
} from '@stint/code'
import {
  booleanOf,
  bytesOf,
  CaseError,
  integerOf,
  isMembers,
  listOf,
  type Members,
  membersOf,
  textOf,
} from './case.ts'
import { deviceOf, keysOf } from './code-cases.ts'
import { answeredBy } from './token-answer.ts'

/** An endpoint that plays a trace (spec/vectors/README.md, limiter.json): `durable` is its disk, `live` its memory. */
class Endpoint {
  readonly #given: Members
  readonly #device: DeviceEpoch
  readonly #keys: CodeKeys
  #durable: LimiterState = emptyLimiter()
  #live: Limiter = startLimiter(this.#durable, 0)
  /** highest used code by list; durable with the limiter's state */
  #lastUsed = new Map<number, number>()

  constructor(given: Members) {
    this.#given = given
    this.#device = deviceOf(given)
    this.#keys = keysOf(given)
  }

  do(step: Members): Members | Promise<Members> {
    const upMs = Number(step.up ?? 0) * 1000
    switch (step.do) {
      case 'create':
        return this.#create(step, upMs)
      case 'submit':
        return this.#submit(step, upMs)
      case 'submit-recovery':
        return this.#submitRecovery(step, upMs)
      case 'submit-emergency':
        return this.#submitEmergency(step, upMs)
      case 'submit-token':
        return this.#submitToken(step, upMs)
      case 'cancel':
        return this.#save(cancelRequest(this.#live, upMs, textOf(step, 'user'), 'session'))
      case 'save':
        return this.#save(elapse(this.#live, upMs))
      case 'restart':
        this.#save(elapse(this.#live, upMs))
        return this.#start()
      case 'power-cut':
        return this.#start()
      case 'suspect-rollback':
        return this.#save(enterQuarantine(this.#live, upMs))
      case 'unlock-user':
        return this.#save(unlockUser(this.#live, upMs, textOf(step, 'user')))
      case 'unlock-device':
        return this.#save(unlockDevice(this.#live, upMs))
      default:
        throw new CaseError(`step "${String(step.do)}" is not known`)
    }
  }

  #save(next: Limiter): Members {
    this.#live = next
    this.#durable = structuredClone(next.state)
    return { result: 'ok' }
  }

  #start(result = 'ok'): Members {
    this.#live = startLimiter(this.#durable, 0)
    return { result }
  }

  #create(step: Members, upMs: number): Members {
    const user = textOf(step, 'user')
    const { userSlot, userId } = this.#person(user)
    const kind = REQUEST_KINDS[integerOf(step, 'kind')]
    if (!kind) throw new CaseError('kind must be 0, 1, 2 or 3')
    const pol = integerOf(this.#given, 'pol')
    const bind = (counter: number) => {
      const [devNo, nonce] = [integerOf(this.#given, 'devNo'), integerOf(step, 'nonce')]
      const facts = { kind, devNo, userSlot, userId, counter, nonce, pol }
      const code = requestText(createRequestCode(this.#device, this.#keys, facts))
      return { code, epoch: this.#device.epoch, pol, userId }
    }
    const ttlMs = integerOf(this.#given, 'ttl') * 1000
    const dual = booleanOf(this.#given, 'dual')
    const opening = openRequest(this.#live, upMs, { user, kind, dual, ttlMs, bind })
    this.#live = opening.limiter
    if (opening.result === 'quota') return { result: 'wait', wait: seconds(opening.retryAfterMs) }
    if (opening.result === 'quarantine') return { result: 'quarantine' }
    if (opening.result === 'opened') this.#save(opening.limiter)
    return { result: 'ok', request: opening.request.code, counter: opening.request.counter }
  }

  #person(user: string): { userSlot: number; userId: string } {
    const person = membersOf(membersOf(this.#given, 'users'), user)
    return { userSlot: integerOf(person, 'userSlot'), userId: textOf(person, 'userId') }
  }

  #context(request: LimitedRequest): RequestContext {
    const { code, counter, pol, userId, epoch } = request
    return { device: { ...this.#device, epoch }, request: parseRequestCode(code), counter, pol, userId }
  }

  #submit(step: Members, upMs: number): Members {
    const user = textOf(step, 'user')
    const { request } = limitedUser(this.#live.state, user)
    const answer = recogniseAnswer(
      textOf(step, 'text'),
      request ? { request: parseRequestCode(request.code) } : {},
    )
    const reading = answer.kind === 'response' ? answer.reading : 'format'
    const charged = chargeResponse(
      this.#live,
      upMs,
      user,
      typeof reading === 'string' ? reading : reading.params,
    )
    return this.#finish(charged, upMs, step, (asked) =>
      typeof reading !== 'string' && isAnswerTo(this.#context(asked), this.#keys, reading)
        ? { matched: true, params: reading.params }
        : { matched: false },
    )
  }

  #submitRecovery(step: Members, upMs: number): Members {
    const user = textOf(step, 'user')
    const { recovery } = limitedUser(this.#live.state, user)
    const answer = recogniseAnswer(
      textOf(step, 'text'),
      isPending(recovery) ? { recovery: parseRequestCode(recovery.code) } : {},
    )
    const code = answer.kind === 'recovery' ? answer.reading : undefined
    const shapeless = answer.kind === 'emergency' ? 'unchecked' : 'format'
    const reading = typeof code === 'string' ? code : code ? 'read' : shapeless
    const outcome = this.#finish(chargeRecovery(this.#live, upMs, user, reading), upMs, step, (asked) => ({
      matched: typeof code === 'object' && isRecoveryFor(this.#context(asked), this.#keys, code),
    }))
    return outcome.result === 'wait' ? outcome : { result: outcome.result }
  }

  #submitEmergency(step: Members, upMs: number): Members {
    const user = textOf(step, 'user')
    const answer = recogniseAnswer(textOf(step, 'text'))
    const code = answer.kind === 'emergency' ? answer.reading : 'format'
    const list = typeof code === 'string' ? undefined : this.#listOf(user, code)
    const standing = () =>
      list && typeof code !== 'string'
        ? emergencyStanding(list, code, this.#lastUsed.get(code.list) ?? 0)
        : 'expired'
    const charge = chargeEmergency(this.#live, upMs, user, typeof code === 'string' ? code : standing())
    this.#live = charge.limiter
    if (charge.verdict !== 'charged') return refusalOf(charge)
    this.#save(charge.limiter)
    if (step.crash === 'after-count') return this.#start('power-cut')
    if (typeof code === 'string' || !list) throw new CaseError('only a code of a list is charged')
    const matched = isOfEmergencyList(list, code, verifierOnce(code, list))
    const settled = settle(charge.limiter, upMs, charge.attempt, { matched })
    if (matched) this.#lastUsed.set(code.list, code.index)
    this.#save(settled.limiter)
    return settled.verdict === 'bad'
      ? { result: 'bad', wait: seconds(settled.waitMs) }
      : { result: settled.verdict }
  }

  #listOf(user: string, code: EmergencyCode): EmergencyList | undefined {
    const lists = listOf(this.#given, 'lists').filter(isMembers)
    const held = lists.find((list) => list.list === code.list && list.user === user)
    if (!held) return undefined
    return {
      list: integerOf(held, 'list'),
      deviceId: this.#device.deviceId,
      userId: this.#person(user).userId,
      salt: bytesOf(held, 'salt'),
      verifiers: listOf(held, 'verifiers').map((verifier) => bytesOf({ verifier }, 'verifier')),
    }
  }

  async #submitToken(step: Members, upMs: number): Promise<Members> {
    const user = textOf(step, 'user')
    const limits = { limiter: this.#live, upMs, user }
    const { userId } = this.#person(user)
    const { verdict, limiter } = await answeredBy(
      { ...this.#given, deviceId: membersOf(this.#given, 'device').deviceId, token: step.text },
      userId,
      limits,
    )
    this.#live = limiter
    if (verdict === 'ok') this.#save(limiter)
    return { result: verdict }
  }

  #finish(charge: Charge, upMs: number, step: Members, compare: (asked: LimitedRequest) => Outcome): Members {
    this.#live = charge.limiter
    if (charge.verdict !== 'charged') return refusalOf(charge)
    this.#save(charge.limiter)
    if (step.crash === 'after-count') return this.#start('power-cut')
    const { request } = charge.attempt
    if (!request) throw new CaseError('a trace submits answers to requests')
    const settled = settle(charge.limiter, upMs, charge.attempt, compare(request))
    this.#save(settled.limiter)
    if (step.crash === 'after-consume') return this.#start('power-cut')
    return told(settled)
  }
}

function refusalOf({ verdict, retryAfterMs }: Refusal): Members {
  return { result: verdict, ...(retryAfterMs === undefined ? {} : { wait: seconds(retryAfterMs) }) }
}

const verifiers = new Map<string, Uint8Array>()

/** The verifier of a code, computed once: a trace types the same few codes again and again. */
function verifierOnce(code: EmergencyCode, list: EmergencyList): Uint8Array {
  const name = `${code.list} ${code.index} ${code.secret} ${list.userId} ${list.salt.join()}`
  const verifier = verifiers.get(name) ?? emergencyVerifier(code, list)
  verifiers.set(name, verifier)
  return verifier
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000)
}

/** What a caller is told. Under dual control the policy default counts as no minutes: traces have none. */
function told(settled: Settlement): Members {
  if (settled.verdict === 'bad') {
    return { result: 'bad', triesLeft: settled.triesLeft, wait: seconds(settled.waitMs) }
  }
  const [first, second] = settled.params
  if (!settled.complete) return { result: 'ok', half: first?.slot }
  return { result: 'ok', ...(first && second ? combineDual([first, second], 0) : first) }
}

/** Plays `in.steps`; one outcome for each. */
export async function trace(given: Members): Promise<Members> {
  const endpoint = new Endpoint(given)
  const steps: Members[] = []
  for (const step of listOf(given, 'steps')) {
    if (!isMembers(step)) throw new CaseError('a step must be an object')
    steps.push(await endpoint.do(step))
  }
  return { steps }
}
