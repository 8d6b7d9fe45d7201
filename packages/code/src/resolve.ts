import { concat, enc, u64 } from './bytes.ts'
import type { CodeKeys, DeviceEpoch } from './keys.ts'
import { PrefixMac } from './mac.ts'
import {
  applicationBits,
  type RequestCode,
  requestHead,
  requestMacHead,
  requestMacTail,
  requestText,
  SLOT_NO_USER,
  SLOT_UNKNOWN_USER,
} from './request-code.ts'

/** How far the counter may be from the last one the server saw (protocol 5.2). */
export const WINDOW_BACK = 31
export const WINDOW_AHEAD = 1024
const NAMES_MAX = 16

/** What the server holds about one device. */
export interface KnownDevice {
  readonly tenant: Uint8Array
  readonly deviceId: Uint8Array
  readonly devNo: number
  /** every epoch in force: one, or two while a heal is not confirmed */
  readonly epochs: readonly { readonly epoch: number; readonly keys: Pick<CodeKeys, 'req' | 'app'> }[]
  /** user ids by slot 0 … 13 of the user table that the device acknowledged last */
  readonly users: Readonly<Record<number, string>>
  /** policy serials acknowledged or delivered */
  readonly policies: readonly number[]
  /** highest counter seen; 0 before the first */
  readonly lastCounter: number
  /** text of the request that had `lastCounter`, to tell a repeated look-up from a reused counter */
  readonly lastRequest?: string
}

export interface ResolveOptions {
  /** candidates for slot 14: directory entries that fit the name the approver typed, at most 16 are tried */
  readonly names?: readonly string[]
  /** known programs for kind `application` */
  readonly applications?: readonly { readonly id: string; readonly digest: Uint8Array }[]
  /** counters ahead of `lastCounter` to try, 1024 unless told */
  readonly windowAhead?: number
}

/**
 * - `counter-went-back` the counter is not above the last one seen: restored snapshot, or a clone
 * - `counter-reused`    the last counter came with another request: two devices share one state
 * - `older-policy`      the device runs a policy that is not the newest known
 * - `previous-epoch`    the device has not finished its key renewal
 * - `unknown-program`, `ambiguous-program`  the application matches none, or several, of the known ones
 */
export type ResolveWarning =
  | 'counter-went-back'
  | 'counter-reused'
  | 'older-policy'
  | 'previous-epoch'
  | 'unknown-program'
  | 'ambiguous-program'

export interface ResolvedRequest {
  readonly device: DeviceEpoch
  readonly counter: number
  readonly pol: number
  readonly userId: string
  /** id of the known program, for kind `application` */
  readonly application?: string
  readonly warnings: readonly ResolveWarning[]
}

/**
 * - `match`: the request comes from the enrolled device, from this user, under this policy
 * - `ambiguous`: several readings fit by chance (about 3 in 100 000); ask for a new request
 * - `unknown-device`: no candidate has this device number
 * - `no-match`: misread, forged, out of the counter window, of an epoch or policy that is not known, or slot 14
 *   without the right name; see correct.ts
 */
export type Resolution =
  | { readonly result: 'match'; readonly match: ResolvedRequest }
  | { readonly result: 'ambiguous'; readonly matches: readonly ResolvedRequest[] }
  | { readonly result: 'unknown-device' | 'no-match' }

/** Server side of a request code: which device, user, policy and counter its 20-bit tag belongs to. */
export function resolveRequest(
  request: RequestCode,
  candidates: readonly KnownDevice[],
  options: ResolveOptions = {},
): Resolution {
  const devices = candidates.filter((device) => device.devNo === request.devNo)
  if (devices.length === 0) return { result: 'unknown-device' }
  const found: ResolvedRequest[] = []
  for (const device of devices) {
    const users = userCandidates(request, device, options)
    for (const { epoch, keys } of device.epochs) {
      if (epoch % 4 !== request.epochLow) continue
      const at = { tenant: device.tenant, deviceId: device.deviceId, epoch }
      for (const hit of tagMatches(request, device, at, keys, users, options)) {
        found.push(describe(request, device, keys, hit, options))
      }
    }
  }
  const [first] = found
  if (first === undefined) return { result: 'no-match' }
  return found.length === 1 ? { result: 'match', match: first } : { result: 'ambiguous', matches: found }
}

type Hit = Omit<ResolvedRequest, 'warnings' | 'application'>

function userCandidates(
  request: RequestCode,
  device: KnownDevice,
  options: ResolveOptions,
): readonly string[] {
  if (request.userSlot === SLOT_UNKNOWN_USER) return (options.names ?? []).slice(0, NAMES_MAX)
  if (request.userSlot === SLOT_NO_USER) return ['']
  const known = device.users[request.userSlot]
  return known === undefined ? [] : [known]
}

/** Counter values of the window whose low bits are the request's, rising. */
function windowCounters(request: RequestCode, last: number, ahead: number): number[] {
  const counters: number[] = []
  const start = Math.max(1, last - WINDOW_BACK)
  const first = start + ((request.counterLow - (start % 32) + 32) % 32)
  for (let counter = first; counter <= last + ahead; counter += 32) counters.push(counter)
  return counters
}

function tagMatches(
  request: RequestCode,
  device: KnownDevice,
  at: DeviceEpoch,
  keys: Pick<CodeKeys, 'req'>,
  users: readonly string[],
  options: ResolveOptions,
): Hit[] {
  const counters = windowCounters(request, device.lastCounter, options.windowAhead ?? WINDOW_AHEAD)
  const prefix = new PrefixMac(keys.req, enc(...requestMacHead(at, requestHead(request))))
  const hits: Hit[] = []
  for (const pol of device.policies) {
    for (const userId of users) {
      const rest = concat([enc(u64(0)), enc(...requestMacTail(pol, userId, request.app))])
      const field = new DataView(rest.buffer, 2, 8) // the counter: after its own two bytes of length
      for (const counter of counters) {
        field.setUint32(0, Math.floor(counter / 2 ** 32))
        field.setUint32(4, counter % 2 ** 32)
        if (leading20Bits(prefix.of(rest)) === request.tag) hits.push({ device: at, counter, pol, userId })
      }
    }
  }
  prefix.close()
  return hits
}

/** `trunc_20` as a number; one integer comparison takes the same time for every tag. */
function leading20Bits(tag: Uint8Array): number {
  return ((tag[0] ?? 0) << 12) | ((tag[1] ?? 0) << 4) | ((tag[2] ?? 0) >> 4)
}

function describe(
  request: RequestCode,
  device: KnownDevice,
  keys: Pick<CodeKeys, 'app'>,
  hit: Hit,
  options: ResolveOptions,
): ResolvedRequest {
  const programs = request.app === undefined ? [] : matchingPrograms(request, keys, hit, options)
  const [program] = programs
  const warnings: ResolveWarning[] = counterWarnings(request, device, hit.counter)
  if (hit.pol !== Math.max(...device.policies)) warnings.push('older-policy')
  if (hit.device.epoch !== Math.max(...device.epochs.map(({ epoch }) => epoch)))
    warnings.push('previous-epoch')
  if (request.app !== undefined && program === undefined) warnings.push('unknown-program')
  if (programs.length > 1) warnings.push('ambiguous-program')
  const application = programs.length === 1 && program !== undefined ? { application: program } : {}
  return { ...hit, ...application, warnings }
}

function counterWarnings(request: RequestCode, device: KnownDevice, counter: number): ResolveWarning[] {
  if (counter > device.lastCounter) return []
  if (counter < device.lastCounter || device.lastRequest === undefined) return ['counter-went-back']
  return device.lastRequest === requestText(request) ? [] : ['counter-went-back', 'counter-reused']
}

function matchingPrograms(
  request: RequestCode,
  keys: Pick<CodeKeys, 'app'>,
  hit: Hit,
  options: ResolveOptions,
): string[] {
  return (options.applications ?? [])
    .filter(
      ({ digest }) =>
        applicationBits(hit.device, keys.app, hit.counter, request.nonce, digest) === request.app,
    )
    .map(({ id }) => id)
}
