import { type Fault, type Outcome, type Refusal, type RefusalCode, refuse } from '@stint/elevation'

/** A refusal on its way out of a route. Steps return refusals as values; only the edge throws them. */
export class RefusedCall extends Error {
  override readonly name = 'RefusedCall'
  readonly refusal: Refusal
  /** What is wrong with which member of the input. */
  readonly fields: Readonly<Record<string, string>> | undefined
  /** Replaces the status that belongs to the code. */
  readonly status: number | undefined

  constructor(refusal: Refusal, more: { fields?: Readonly<Record<string, string>>; status?: number } = {}) {
    super(refusal.message)
    this.refusal = refusal
    this.fields = more.fields
    this.status = more.status
  }
}

/** The value of an outcome; a refusal becomes the answer of the call. */
export function granted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new RefusedCall(outcome.refused)
  return outcome.value
}

/** The value, or the refusal `not-found`. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new RefusedCall(refuse('not-found'))
  return value
}

/** HTTP status of a refusal; 409, "not in this state", for every other. */
const statuses: Partial<Record<RefusalCode, number>> = {
  invalid: 400,
  'weak-password': 400,
  'caller-not-checked': 400,
  'malformed-code': 400,
  ceiling: 400,
  'reason-required': 400,
  'ticket-required': 400,
  'minutes-above-ceiling': 400,
  'not-signed-in': 401,
  'wrong-credentials': 401,
  'device-unauthenticated': 401,
  bad: 401,
  csrf: 403,
  'not-an-approver': 403,
  'own-request': 403,
  'offline-codes-disabled': 403,
  'not-found': 404,
  'unknown-device': 404,
  'link-used': 410,
  'token-used': 410,
  'device-revoked': 410,
  'device-suspended': 423,
  'too-many-attempts': 429,
  quota: 429,
  'issuer-unreachable': 503,
}

export function statusOf(code: RefusalCode): number {
  return statuses[code] ?? 409
}

/** RFC 9457 problem details. */
export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly hint: string
  readonly details?: Refusal['details']
  readonly fields?: Readonly<Record<string, string>>
}

export function problemOf(
  refusal: Refusal,
  more: { fields?: ProblemDetails['fields']; status?: number } = {},
) {
  const problem: ProblemDetails = {
    type: `urn:stint:problem:${refusal.code}`,
    title: refusal.message,
    status: more.status ?? statusOf(refusal.code),
    code: refusal.code,
    hint: refusal.hint,
    ...(refusal.details === undefined ? {} : { details: refusal.details }),
    ...(more.fields === undefined ? {} : { fields: more.fields }),
  }
  return problem
}

/** A broken promise of ours. Says where to look, nothing of what happened: that stands in the log under `id`. */
export function faultProblem(id: string, fault?: Pick<Fault, 'code'>): ProblemDetails {
  return {
    type: 'urn:stint:problem:fault',
    title: 'Something went wrong on the server.',
    status: 500,
    code: fault?.code ?? 'fault',
    hint: `Try again. If this stays, look for ${id} in the server's log.`,
  }
}
