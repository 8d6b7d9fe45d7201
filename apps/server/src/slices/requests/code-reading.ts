import { ALPHABET, normaliseTyped, recogniseRequest, requestText } from '@stint/code'
import { done, type Outcome, refused } from '@stint/elevation'
import type { Actor } from '../../actor.ts'
import { dayMs, minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { DeviceRow, RequestRow } from '../../db/schema.ts'
import type { IssuerRequest } from '../../issuer/issuer-link.ts'
import { type RequestFact, type RequestParts, recordResolved } from './requests.ts'

type Candidate = IssuerRequest<'resolve'>['devices'][number]

export type Warning = 'counter-went-back' | 'device-silent' | 'policy-old' | 'user-unknown' | 'not-sent'

/** A code that somebody read out. */
export interface ReadCode {
  readonly request: RequestRow | null
  readonly warnings: readonly Warning[]
  /** Whole codes, one symbol or swap away, likeliest first. */
  readonly suggestions: readonly {
    readonly requestCode: string
    readonly deviceName: string
    readonly userName: string
  }[]
}

export interface CodeReading {
  /** The computer of a code's first five symbols; null for none of ours. Needs no key. */
  identify(typed: string): Promise<DeviceRow | null>
  /**
   * The request that a whole code belongs to, made now if the computer could not send it. `userName` is tried where
   * the code says that its user is not known. Refusals `malformed-code`, `unknown-device`, `code-not-recognised`,
   * `stale-code`, `issuer-unreachable`.
   */
  resolve(actor: Actor, typed: string, userName: string | null): Promise<Outcome<ReadCode>>
}

/** Symbols of the first group: version, kind and number of the computer. */
const GROUP = 5
const DEVICE_NUMBERS = 2 ** 22
/** Kinds of request codes that ask for rights, in wire order. */
const kinds = ['session', 'application'] as const satisfies readonly RequestFact['mode'][]
const SILENT_MS = dayMs

export function createCodeReading(parts: RequestParts): CodeReading {
  return {
    async identify(typed) {
      const symbols = symbolsOf(typed)
      if (symbols === null || symbols.length < GROUP) return null
      const [device] = await parts.devices.byNumbers([deviceNumber(symbols.slice(0, GROUP))])
      return device ?? null
    },
    resolve: (actor, typed, userName) => resolve(parts, actor, typed, userName),
  }
}

async function resolve(
  parts: RequestParts,
  actor: Actor,
  typed: string,
  userName: string | null,
): Promise<Outcome<ReadCode>> {
  const symbols = symbolsOf(typed)
  if (symbols === null || symbols.length < GROUP) return refused('malformed-code')
  const found = await parts.devices.byNumbers(numbersNear(symbols))
  const devices = found.filter(({ state }) => state !== 'revoked')
  if (devices.length === 0) return refused('unknown-device')
  const candidates = await Promise.all(devices.map((device) => candidateOf(parts, device, userName)))
  const read = await parts.issuer.call({ call: 'resolve', text: typed, devices: candidates })
  if (!read.ok) return read
  const { match, suggestions } = read.value
  if (match !== null) return matched(parts, actor, match, userName)
  const described = await Promise.all(suggestions.map((one) => describe(parts, devices, one)))
  if (described.length === 0) return refused('code-not-recognised')
  return done({ request: null, warnings: [], suggestions: described })
}

async function candidateOf(
  { devices, policies }: RequestParts,
  device: DeviceRow,
  userName: string | null,
): Promise<Candidate> {
  const users = await devices.users(device.id)
  const serials = await policies.serials(device.id)
  const typed = userName === null ? [] : [userName]
  const named = users.filter(
    ({ slot, name, user_id }) => slot === null && [name, user_id].includes(userName ?? ''),
  )
  return {
    deviceId: device.id,
    users: users.flatMap(({ slot, user_id }) => (slot === null ? [] : [{ slot, userId: user_id }])),
    otherUsers: [...new Set([...named.map(({ user_id }) => user_id), ...typed])],
    lastCounter: device.last_counter,
    policySerials: serials.length === 0 ? [1] : [...serials],
  }
}

type Match = {
  readonly deviceId: string
  readonly requestCode: string
  readonly kind: number
  readonly epoch: number
  readonly counter: number
  readonly policySerial: number
  readonly userId: string
  readonly counterWentBack: boolean
}

async function matched(
  parts: RequestParts,
  actor: Actor,
  match: Match,
  typedName: string | null,
): Promise<Outcome<ReadCode>> {
  const mode = kinds[match.kind]
  if (mode === undefined)
    return refused('malformed-code', { hint: 'This code asks for recovery or maintenance, not for rights.' })
  const users = await parts.devices.users(match.deviceId)
  const user = users.find(({ user_id }) => user_id === match.userId)
  const userName = user?.name ?? typedName ?? match.userId
  return parts.db.write(async (tx) => {
    const known = await parts.store.byCounter(tx, match.deviceId, match.counter)
    // The tag was right, so this is not a typing error: the computer has asked something else since.
    if (known !== null && known.request_code !== match.requestCode) return refused('stale-code')
    const request = known ?? (await insertRead(parts, tx, match, mode, userName))
    const wentBack = match.counterWentBack && known === null
    await recordResolved(parts, tx, actor, request, wentBack)
    const warnings = await warningsFor(parts, tx, request, wentBack, user === undefined)
    return done({ request, warnings, suggestions: [] })
  })
}

async function insertRead(
  { store, policies, devices, clock, newId }: RequestParts,
  tx: Tx,
  match: Match,
  mode: RequestRow['mode'],
  userName: string,
): Promise<RequestRow> {
  const { settings } = await policies.settings(tx)
  const now = clock.now()
  const row: RequestRow = {
    id: newId(),
    device_id: match.deviceId,
    state: 'pending',
    source: 'code',
    device_request_id: null,
    request_code: match.requestCode,
    counter: match.counter,
    epoch: match.epoch,
    policy_serial: match.policySerial,
    user_id: match.userId,
    user_name: userName,
    mode,
    reason: null,
    minutes: null,
    ticket: null,
    created_at: now,
    expires_at: now + settings.answerByMinutes * minuteMs,
    ended_at: null,
  }
  await store.insert(tx, row)
  await devices.sawCounter(tx, match.deviceId, match.counter)
  return row
}

async function warningsFor(
  { devices, policies, clock }: RequestParts,
  tx: Tx,
  request: RequestRow,
  wentBack: boolean,
  isUnknownUser: boolean,
): Promise<Warning[]> {
  const device = await devices.device(request.device_id, tx)
  const isOld = ((await policies.newestSerial(request.device_id, tx)) ?? 0) > request.policy_serial
  const silentMs = clock.now() - (device?.last_seen_at ?? 0)
  return [
    ...(wentBack ? (['counter-went-back'] as const) : []),
    ...(silentMs > SILENT_MS ? (['device-silent'] as const) : []),
    ...(isOld ? (['policy-old'] as const) : []),
    ...(isUnknownUser ? (['user-unknown'] as const) : []),
    ...(request.device_request_id === null ? (['not-sent'] as const) : []),
  ]
}

async function describe(parts: RequestParts, devices: readonly DeviceRow[], match: Match) {
  const users = await parts.devices.users(match.deviceId)
  return {
    requestCode: match.requestCode,
    deviceName: devices.find(({ id }) => id === match.deviceId)?.name ?? '',
    userName: users.find(({ user_id }) => user_id === match.userId)?.name ?? match.userId,
  }
}

/** Alphabet symbols of what was typed, also of a code's digit form; null for text that is no code at all. */
function symbolsOf(typed: string): string | null {
  const request = recogniseRequest(typed)
  if (typeof request === 'object') return requestText(request).replaceAll('-', '')
  try {
    return normaliseTyped(typed)
  } catch {
    return null
  }
}

/** The computer's number in a group of five: the low 22 of its 25 bits. */
function deviceNumber(group: string): number {
  const value = [...group].reduce((sum, symbol) => sum * 32 + ALPHABET.indexOf(symbol), 0)
  return value % DEVICE_NUMBERS
}

/** Numbers of the first group as typed, and of those one symbol or one swap of neighbours away. */
function numbersNear(symbols: string): number[] {
  const groups = new Set([symbols.slice(0, GROUP)])
  for (let at = 0; at < GROUP; at++) {
    for (const other of ALPHABET) groups.add(symbols.slice(0, at) + other + symbols.slice(at + 1, GROUP))
    const [here, next] = [symbols.charAt(at), symbols.charAt(at + 1)]
    groups.add((symbols.slice(0, at) + next + here + symbols.slice(at + 2)).slice(0, GROUP))
  }
  return [...new Set([...groups].filter((group) => group.length === GROUP).map(deviceNumber))]
}
