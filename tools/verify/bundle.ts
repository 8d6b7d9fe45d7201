import { isCount, isHex } from './entries.ts'
import type { Report } from './findings.ts'
import {
  type JsonObject,
  type Key,
  keyOf,
  readCanonical,
  readNote,
  readObject,
  sha256,
  signersOf,
  utf8,
} from './formats.ts'

/** Steps 1 and 2 of spec/evidence.md, bundle: the files of a bundle, and whose keys count. */

/** What the auditor brings. */
export interface Known {
  readonly trustHash: string | null
  readonly witnesses: readonly Key[]
  readonly witnessesWanted: number
  /** A note that the auditor kept. */
  readonly oldCheckpoint: string | null
}

export interface Device {
  readonly tenant: string
  readonly deviceId: string
  readonly sessionId: string | null
  readonly from: number
  readonly until: number
  readonly isWhole: boolean
}

export interface Bundle {
  readonly device: Device
  readonly file: (name: string) => string
  readonly names: readonly string[]
  readonly frontier: readonly string[]
}

/** Stops the checker: what follows would have no ground. */
export class Stop extends Error {}

const NAMES =
  /^(?:README\.txt|manifest\.txt|bundle\.json|events\.jsonl|device-checkpoints\.txt|ledger\.jsonl|ledger-checkpoint\.txt|trust\.json|witnesses\.txt|report\.html|receipts\/(?:0|[1-9]\d{0,15})\.tlog-proof|consistency\/(?:0|[1-9]\d{0,15})-(?:0|[1-9]\d{0,15})\.txt)$/

const NEEDED =
  'README.txt manifest.txt bundle.json events.jsonl device-checkpoints.txt ledger.jsonl ledger-checkpoint.txt trust.json witnesses.txt'

/** Throws `Stop` when the bundle does not hold. `logKeys`: of the server's log. */
export function readBundle(
  files: ReadonlyMap<string, Buffer>,
  known: Known,
  report: Report,
): { readonly bundle: Bundle; readonly logKeys: readonly Key[] } {
  const bad = (detail: string): Stop => {
    report.find('bundle-form', 'bundle', 0, detail)
    return new Stop('the bundle does not hold')
  }
  const texts = new Map<string, string>()
  for (const [name, bytes] of files) {
    const text = utf8(bytes)
    if (!NAMES.test(name) || text === undefined)
      throw bad(`a file called ${JSON.stringify(name)}, or its content`)
    if (text !== '' && !text.endsWith('\n')) throw bad(`the last line of ${name} has no end`)
    texts.set(name, text)
  }
  const missing = NEEDED.split(' ').find((name) => !texts.has(name))
  if (missing !== undefined) throw bad(`${missing} is missing`)
  const file = (name: string): string => texts.get(name) ?? ''
  const device = readDevice(file('bundle.json'))
  if (device === null) throw bad('bundle.json')
  const { tenant } = device
  report.about = `stint evidence bundle of device ${device.deviceId}, tenant ${tenant}, entries ${device.from} to ${device.until}`
  const manifest = readNote(file('manifest.txt'))
  const listed = [...files].filter(([name]) => name !== 'manifest.txt')
  const sums = listed.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const lines = sums.map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join('')
  if (manifest?.text !== `stint/${tenant}/export\nstint evidence bundle v1\n${lines}`)
    throw bad('the manifest lists other files, or other content')
  const pubs = readTrust(file('trust.json'), latest(file('ledger.jsonl')), tenant, known, report)
  const exportKeys = pubs.map((pub) => keyOf(`stint/${tenant}/export`, 1, pub))
  if (!signersOf(manifest, exportKeys)?.length) throw bad('the signature of the manifest')
  const bundle: Bundle = {
    device,
    file,
    names: [...texts.keys()].sort(),
    frontier: frontierOf(file('bundle.json')),
  }
  return { bundle, logKeys: pubs.map((pub) => keyOf(`stint/${tenant}/ledger`, 1, pub)) }
}

function readDevice(text: string): Device | null {
  const members = 'deviceId from frontier kind ledger madeAt sessionId tenant until v'
  const it = readObject(text.slice(0, -1), members)
  if (it === undefined || it.v !== 1) return null
  const { tenant, deviceId, sessionId, from, until, kind, ledger, madeAt } = it
  const isSession = kind === 'session' && typeof sessionId === 'string'
  const isDevice = kind === 'device' && sessionId === null && from === 0
  const hasIds = isHex(tenant, 16) && isHex(deviceId, 16) && typeof madeAt === 'string'
  const hasRange = isCount(from) && isCount(until) && from <= until
  if (!(isSession || isDevice) || !hasIds || !hasRange || (ledger !== 'whole' && ledger !== 'selected'))
    return null
  const bits = BigInt(from).toString(2).replaceAll('0', '').length
  if (frontierOf(text).length !== bits) return null
  return {
    tenant,
    deviceId,
    sessionId: isSession ? sessionId : null,
    from,
    until,
    isWhole: ledger === 'whole',
  }
}

/** Empty for what is no list of hashes: that belongs to no other size than 0. */
function frontierOf(text: string): readonly string[] {
  const found = (readCanonical(text.slice(0, -1)) as JsonObject).frontier
  return Array.isArray(found) && found.every((each) => isHex(each, 32)) ? found : []
}

/** The largest `t` of a ledger in seconds since 1970. */
function latest(ledger: string): number {
  const times = ledger
    .split('\n')
    .flatMap((line) => /\\"t\\":\\"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z\\"/.exec(line)?.[1] ?? [])
  return Math.floor(Date.parse(`${times.sort().at(-1)}Z`) / 1000)
}

/** Public keys of the server's log. */
function readTrust(text: string, at: number, tenant: string, known: Known, report: Report): string[] {
  const list = readCanonical(text.slice(0, -1))
  const [first, ...more] = Array.isArray(list) ? list : []
  const trust = typeof first === 'string' ? readObject(first, 'iat keys n tenant v') : undefined
  const isKnown = typeof first === 'string' && (known.trustHash === null || sha256(first) === known.trustHash)
  if (
    trust?.v !== 1 ||
    trust.tenant !== tenant ||
    !Array.isArray(trust.keys) ||
    more.length > 0 ||
    !isKnown
  ) {
    report.find(
      'bundle-trust',
      'bundle',
      0,
      `H of the first text is ${typeof first === 'string' ? sha256(first) : 'none'}`,
    )
    throw new Stop('the keys are not known')
  }
  if (known.trustHash === null)
    report.skip('trust', 'no --trust-hash was given, so the keys are only what this bundle says of itself')
  return (trust.keys as JsonObject[]).flatMap(({ use, pub, nbf, exp }) => {
    const isInForce = isCount(nbf) && isCount(exp) && nbf <= at && at <= exp
    return use === 'server-log' && isHex(pub, 32) && isInForce ? [pub] : []
  })
}
