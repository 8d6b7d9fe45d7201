import {
  CodeError,
  correctRequest,
  type KnownDevice,
  parseRequestCode,
  REQUEST_KINDS,
  type RequestCode,
  type ResolvedRequest,
  type ResolveOptions,
  requestText,
  resolveRequest,
} from '@stint/code'
import { type Outcome, refused } from '@stint/elevation'
import type { CandidateDevice, IssuerCall, ResolvedCode, ResolveResult } from '@stint/wire/issuer'
import { codeKeysOf, deriveKeysOf, findDevice } from './code-keys.ts'
import { bytes, hex, type IssuerContext } from './context.ts'

type Resolve = Extract<IssuerCall, { call: 'resolve' }>

/** How many "did you mean" lines an approver is shown. */
const suggestionsMax = 5

/**
 * Which computer, user, policy and counter a typed request code belongs to, over the epochs in force of the
 * candidates. A code that fits several readings by chance is never a match: they become suggestions.
 * Refusal `malformed-code`. Revoked and unknown candidates are left out.
 */
export async function resolve(context: IssuerContext, call: Resolve): Promise<Outcome<ResolveResult>> {
  const request = readRequestCode(call.text)
  if (request === undefined) return refused('malformed-code')
  const devices = (await Promise.all(call.devices.map((device) => known(context, device)))).flat()
  const ownOptions = new Map(call.devices.map((device) => [device.deviceId, optionsOf(device)]))
  const found: { request: RequestCode; match: ResolvedRequest }[] = []
  const candidates = devices.filter(({ devNo }) => devNo === request.devNo)
  for (const device of candidates) {
    const resolution = resolveRequest(request, [device], ownOptions.get(hex(device.deviceId)))
    if (resolution.result === 'match') found.push({ request, match: resolution.match })
    if (resolution.result === 'ambiguous')
      found.push(...resolution.matches.map((match) => ({ request, match })))
  }
  const [only] = found
  if (only !== undefined && found.length === 1)
    return { ok: true, value: { match: describe(only.request, only.match), suggestions: [] } }
  const suggestions = found.length > 0 ? found : corrections(request, devices, ownOptions)
  const shown = suggestions.slice(0, suggestionsMax)
  return {
    ok: true,
    value: { match: null, suggestions: shown.map((one) => describe(one.request, one.match)) },
  }
}

/** A typed code, or undefined when it is none. */
export function readRequestCode(text: string): RequestCode | undefined {
  try {
    return parseRequestCode(text)
  } catch (error) {
    if (error instanceof CodeError && (error.code === 'format' || error.code === 'typo')) return undefined
    throw error
  }
}

function optionsOf(device: CandidateDevice): ResolveOptions {
  return { names: device.otherUsers }
}

/** A computer with the keys of its epochs; none when it is revoked or not ours. */
async function known(context: IssuerContext, candidate: CandidateDevice): Promise<KnownDevice[]> {
  const device = findDevice(context, bytes(candidate.deviceId))
  if (device === undefined || device.state !== 'enrolled') return []
  const rows = codeKeysOf(context, device.device_id)
  const epochs = await Promise.all(
    rows.map(async (row) => ({ epoch: row.epoch, keys: await deriveKeysOf(context, row) })),
  )
  return [
    {
      tenant: context.identity.tenant,
      deviceId: device.device_id,
      devNo: device.dev_no,
      epochs,
      users: Object.fromEntries(candidate.users.map(({ slot, userId }) => [slot, userId])),
      policies: candidate.policySerials,
      lastCounter: candidate.lastCounter,
    },
  ]
}

/** Names typed for slot 14 are asked of every candidate; in a correction they are one list. */
function corrections(
  request: RequestCode,
  devices: readonly KnownDevice[],
  ownOptions: ReadonlyMap<string, ResolveOptions>,
): { request: RequestCode; match: ResolvedRequest }[] {
  const names = [...new Set([...ownOptions.values()].flatMap((options) => options.names ?? []))]
  const byNumber = Map.groupBy(devices, ({ devNo }) => devNo)
  return correctRequest(request, (devNo) => byNumber.get(devNo) ?? [], { names })
}

function describe(request: RequestCode, match: ResolvedRequest): ResolvedCode {
  return {
    deviceId: hex(match.device.deviceId),
    requestCode: requestText(request),
    kind: REQUEST_KINDS.indexOf(request.kind),
    epoch: match.device.epoch,
    counter: match.counter,
    policySerial: match.pol,
    userId: match.userId,
    counterWentBack: match.warnings.includes('counter-went-back'),
  }
}
