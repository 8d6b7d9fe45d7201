import { deviceId, firstKeyFact, otherDevice } from './keys.ts'

type Body = Record<string, unknown>

/** What happens, in order. `upload` ends with a receipt that the journal notes. */
export type Step =
  | {
      readonly kind: 'journal'
      readonly type: string
      body: Body
      boot?: string
      up?: number
      readonly key?: string
    }
  | { readonly kind: 'ledger'; readonly type: string; body: Body; readonly key?: string }
  | { readonly kind: 'seal'; readonly key?: string }
  | { readonly kind: 'upload'; readonly key?: string; readonly fact?: Body; readonly isForgotten?: boolean }

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 8, minute)).toISOString()

interface SessionStory {
  readonly n: number
  readonly credential: 'response-code' | 'answer-token'
  readonly minute: number
  readonly boot: string
}

export const sessionOf = (n: number): string => `session-${n}`

function session({ n, credential, minute, boot }: SessionStory): { asked: Step[]; used: Step[] } {
  const jti = credential === 'answer-token' ? `jti-${n}` : null
  const ids = { sessionId: sessionOf(n), requestId: `request-${n}` }
  const fact = (type: string, body: Body, up: number): Step => ({
    kind: 'journal',
    type,
    body,
    boot,
    up: up * 60_000,
    key: `${type} ${n}`,
  })
  const issued = {
    form: credential,
    ...(jti === null ? {} : { jti }),
    minutes: 30,
    deviceId,
    counter: n,
    approver: 'ada',
  }
  return {
    asked: [
      fact(
        'request.created',
        { requestId: `request-${n}`, counter: n, userId: 'alice@example.org', reason: 'Drücker' },
        minute,
      ),
      { kind: 'ledger', type: 'request.received', body: { deviceId, counter: n } },
      { kind: 'ledger', type: 'request.decided', body: { deviceId, counter: n } },
      { kind: 'ledger', type: 'code.issued', body: issued, key: `code.issued ${n}` },
    ],
    used: [
      fact(
        'grant.admitted',
        { ...ids, credential, counter: n, jti, answeredSeconds: 1800, grantedSeconds: 1800 },
        minute + 1,
      ),
      { kind: 'seal', key: `seal before ${n}` },
      fact(
        'session.start',
        { ...ids, userId: 'alice@example.org', startedAt: at(minute + 1), endsAt: at(minute + 31) },
        minute + 1,
      ),
      fact(
        'process.elevated',
        { sessionId: sessionOf(n), program: '/usr/bin/id', args: ['id', '\u{1F511}'] },
        minute + 2,
      ),
      fact('session.end', { sessionId: sessionOf(n), reason: 'expired' }, minute + 31),
      { kind: 'seal', key: `seal after ${n}` },
    ],
  }
}

/** Three sessions of one computer, online and by codes read out; another computer; a request that was denied. */
export function story(): Step[] {
  const [one, two, three] = [
    session({ n: 1, credential: 'answer-token', minute: 10, boot: 'boot-a' }),
    session({ n: 2, credential: 'response-code', minute: 60, boot: 'boot-a' }),
    session({ n: 4, credential: 'response-code', minute: 5, boot: 'boot-b' }),
  ]
  const denied: Body = { requestId: 'request-3', counter: 3, userId: 'alice@example.org', reason: 'no' }
  return [
    { kind: 'ledger', type: 'device.enrolled', body: { deviceId } },
    { kind: 'ledger', type: 'device.log-key', body: firstKeyFact(), key: 'log-key' },
    { kind: 'ledger', type: 'device.enrolled', body: { deviceId: otherDevice } },
    { kind: 'journal', type: 'boot', body: { facts: {} }, boot: 'boot-a', up: 1000 },
    ...one.asked,
    ...one.used,
    { kind: 'upload', key: 'upload 1' },
    { kind: 'ledger', type: 'code.issued', body: { deviceId: otherDevice, counter: 9, minutes: 5 } },
    ...two.asked,
    ...two.used,
    {
      kind: 'journal',
      type: 'request.created',
      body: denied,
      boot: 'boot-a',
      up: 95 * 60_000,
      key: 'request.created 3',
    },
    { kind: 'ledger', type: 'code.issued', body: { deviceId, counter: 3, minutes: 5 }, key: 'code.issued 3' },
    {
      kind: 'journal',
      type: 'request.void',
      body: { requestId: 'request-3', reason: 'withdrawn' },
      key: 'request.void 3',
    },
    { kind: 'seal', key: 'seal after 3' },
    { kind: 'upload', key: 'upload 2' },
    { kind: 'journal', type: 'boot', body: { facts: {} }, boot: 'boot-b', up: 1000 },
    ...three.asked,
    ...three.used,
    { kind: 'upload', key: 'upload 3' },
    { kind: 'seal', key: 'seal at last' },
    { kind: 'upload', key: 'upload 4' },
    { kind: 'ledger', type: 'code.issued', body: { deviceId: otherDevice, counter: 10, minutes: 5 } },
  ]
}

/** Where the step with this key stands. */
export function indexOf(steps: readonly Step[], key: string): number {
  const index = steps.findIndex((step) => step.key === key)
  if (index === -1) throw new Error(`There is no step ${key}`)
  return index
}

/** The story with members of one body replaced. */
export function changed(steps: readonly Step[], key: string, body: Body): Step[] {
  const index = indexOf(steps, key)
  return steps.map((step, i) =>
    i === index && 'body' in step ? { ...step, body: { ...step.body, ...body } } : step,
  )
}

export function without(steps: readonly Step[], ...keys: string[]): Step[] {
  const gone = keys.map((key) => indexOf(steps, key))
  return steps.filter((_, i) => !gone.includes(i))
}
