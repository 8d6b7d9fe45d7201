import { jcs } from '@stint/code'
import { done, type Outcome, refused } from '@stint/elevation'
import { type Clock, isoTime } from '../../clock.ts'
import type { Reader } from '../../db/database.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import type { Proofs, SignedLedger } from '../../slices/ledger/proofs.ts'
import type { Signing } from '../../slices/ledger/signing.ts'
import type { SessionViews } from '../session-view.ts'
import { type BundleSpan, deviceSpan, journalLines, sessionSpan } from './bundle-journal.ts'
import { ledgerLines, receiptFiles } from './bundle-ledger.ts'
import { readMe } from './read-me.ts'
import { sessionPage } from './session-page.ts'
import { type MeasuredFile, measured, ZIP_MAX, type ZipFile, zipped } from './zip.ts'

/** Evidence to take away (spec: evidence, bundle): one zip, signed, that can be checked without us. */
export interface Bundles {
  /**
   * Refusals `not-found`; `conflict` while there is nothing sealed, or where it would be larger than a checker reads;
   * `issuer-unreachable`.
   */
  ofDevice(deviceId: string): Promise<Outcome<AsyncIterable<Uint8Array>>>
  ofSession(sessionId: string): Promise<Outcome<AsyncIterable<Uint8Array>>>
}

export interface BundleParts {
  readonly read: Reader
  readonly issuer: IssuerLink
  readonly signing: Pick<Signing, 'sign'>
  readonly proofs: Proofs
  readonly sessions: Pick<SessionViews, 'session' | 'processes'>
  /** vkeys of the witnesses that this server asks. */
  readonly witnesses: readonly string[]
  readonly clock: Clock
}

/** Each receipt is a line or two of the manifest, and a note has 65 536 characters. */
const RECEIPTS_MAX = 250

export function createBundles(parts: BundleParts): Bundles {
  return {
    async ofDevice(deviceId) {
      const device = await parts.read
        .selectFrom('device')
        .select('id')
        .where('id', '=', deviceId)
        .executeTakeFirst()
      if (device === undefined) return refused('not-found')
      const span = await deviceSpan(parts.read, deviceId)
      return span === null ? nothingYet('This computer has reported nothing yet.') : bundle(parts, span, [])
    },
    async ofSession(sessionId) {
      const detail = await parts.sessions.session(sessionId)
      if (detail === null) return refused('not-found')
      const span = await sessionSpan(parts.read, sessionId)
      if (span === null) return nothingYet('The seal behind the end of this session has not arrived yet.')
      const page = await sessionPage(parts.sessions, detail)
      return bundle(parts, span, [text('report.html', page)])
    },
  }
}

const nothingYet = (hint: string) => refused('conflict', { hint })
const text = (name: string, content: string): ZipFile => ({ name, pieces: () => [content] })

async function bundle(
  parts: BundleParts,
  span: BundleSpan,
  more: readonly ZipFile[],
): Promise<Outcome<AsyncIterable<Uint8Array>>> {
  const { read, issuer, signing, proofs } = parts
  const trust = await issuer.call({ call: 'trust' })
  if (!trust.ok) return trust
  const signed = await signing.sign()
  if (!signed.ok) return signed
  const ledger = await proofs.checkpoint()
  if (ledger === null) return nothingYet('The ledger is not signed yet.')
  const receipts = await read
    .selectFrom('device_receipt')
    .selectAll()
    .where('device_id', '=', span.deviceId)
    .where('size', '>', span.from)
    .where('size', '<=', span.until)
    .orderBy('size')
    .limit(RECEIPTS_MAX + 1)
    .execute()
  if (receipts.length > RECEIPTS_MAX)
    return nothingYet('This computer has too many receipts for one bundle: take the bundles of its sessions.')
  const files = [
    ...more,
    ...(await ownFiles(parts, span, ledger, trust.value)),
    ...(await receiptFiles(proofs, receipts, ledger)),
  ]
  return sealed(issuer, trust.value.tenant, files)
}

async function ownFiles(
  { read, proofs, witnesses, clock }: BundleParts,
  span: BundleSpan,
  ledger: SignedLedger,
  { tenant, trust }: { readonly tenant: string; readonly trust: string },
): Promise<ZipFile[]> {
  const { kind, deviceId, sessionId, from, frontier, until } = span
  const about = { v: 1, kind, tenant, deviceId, sessionId, from, frontier: [...frontier], until }
  const made = { ledger: 'selected', madeAt: isoTime(clock.now()) }
  const checkpoints = await read
    .selectFrom('device_checkpoint')
    .select('note')
    .where('device_id', '=', deviceId)
    .where('size', '>', from)
    .where('size', '<=', until)
    .orderBy('size')
    .execute()
  return [
    text('README.txt', readMe(span)),
    text('bundle.json', `${jcs({ ...about, ...made })}\n`),
    { name: 'events.jsonl', pieces: () => journalLines(read, span) },
    text('device-checkpoints.txt', checkpoints.map(({ note }) => note).join('')),
    { name: 'ledger.jsonl', pieces: () => ledgerLines(read, proofs, span, ledger.size) },
    text('ledger-checkpoint.txt', ledger.note),
    text('trust.json', `${jcs([trust])}\n`),
    text('witnesses.txt', witnesses.map((vkey) => `${vkey}\n`).join('')),
  ]
}

/** Measures every file, has the list signed, and gives the whole. */
async function sealed(
  issuer: IssuerLink,
  tenant: string,
  files: readonly ZipFile[],
): Promise<Outcome<AsyncIterable<Uint8Array>>> {
  const known: MeasuredFile[] = []
  let bytes = 0
  for (const file of files) {
    const one = await measured(file)
    bytes += one.bytes
    if (bytes > ZIP_MAX)
      return nothingYet('This bundle would be larger than 1 GiB: take the bundles of the sessions.')
    known.push(one)
  }
  const byName = [...known].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  const lines = [`stint/${tenant}/export`, 'stint evidence bundle v1']
  for (const { hash, name } of byName) lines.push(`${hash}  ${name}`)
  const signed = await issuer.call({ call: 'sign.export', text: lines.map((line) => `${line}\n`).join('') })
  if (!signed.ok) return signed
  const manifest = await measured(text('manifest.txt', signed.value.note))
  return done(zipped([manifest, ...known]))
}
