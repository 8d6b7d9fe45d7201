import { continuationText } from '@stint/chain'
import { jcs } from '@stint/code'
import { sql } from 'kysely'
import type { Reader } from '../../db/database.ts'
import type { DeviceReceiptRow, LedgerRow } from '../../db/schema.ts'
import { entryOf } from '../../slices/ledger/ledger.ts'
import type { Proofs, SignedLedger } from '../../slices/ledger/proofs.ts'
import type { BundleSpan } from './bundle-journal.ts'
import type { ZipFile } from './zip.ts'

const PAGE = 200
const ofDevice = ['device.log-key', 'device.checkpoint'] as const
const ofRequest = ['request.resolved', 'caller.checked', 'request.decided', 'code.issued'] as const

/** A line for each fact about the computer's log and the requests of the bundle, with its proof. */
export async function* ledgerLines(
  read: Reader,
  proofs: Pick<Proofs, 'inclusion'>,
  span: BundleSpan,
  size: number,
): AsyncGenerator<string> {
  for (let after = -1; ; ) {
    const rows = await selected(read, span, after, size)
    for (const row of rows) yield await ledgerLine(proofs, row, size)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.seq
  }
}

function selected(read: Reader, span: BundleSpan, after: number, size: number): Promise<LedgerRow[]> {
  const { deviceId, deviceRequestId } = span
  const requests = sql<string>`(select 'request:' || r.id from request r where r.device_id = ${deviceId}
    ${deviceRequestId === null ? sql`` : sql`and r.device_request_id = ${deviceRequestId}`})`
  return read
    .selectFrom('ledger')
    .selectAll()
    .where('seq', '>', after)
    .where('seq', '<', size)
    .where((is) =>
      is.or([
        is.and([is('subject', '=', `device:${deviceId}`), is('type', 'in', [...ofDevice])]),
        is.and([is('subject', 'in', requests), is('type', 'in', [...ofRequest])]),
      ]),
    )
    .orderBy('seq')
    .limit(PAGE)
    .execute()
}

async function ledgerLine(proofs: Pick<Proofs, 'inclusion'>, row: LedgerRow, size: number): Promise<string> {
  const proven = await proofs.inclusion(row.seq, size)
  if (!proven.ok) throw new Error(`fact ${row.seq} is not in the ledger of ${size}`)
  const proof = proven.value.map((hash) => Buffer.from(hash, 'hex').toString('base64'))
  return `${jcs({ ...entryOf(row), proof } as never)}\n`
}

/** The receipts, and that their ledgers are the beginning of this one. */
export async function receiptFiles(
  proofs: Pick<Proofs, 'consistency'>,
  receipts: readonly DeviceReceiptRow[],
  ledger: SignedLedger,
): Promise<ZipFile[]> {
  const files = new Map<string, string>()
  for (const { size, text } of receipts) {
    files.set(`receipts/${size}.tlog-proof`, text)
    const oldSize = Number(text.slice(text.indexOf('\n\n') + 2).split('\n')[1])
    if (oldSize === ledger.size) continue
    const proof = await proofs.consistency(oldSize, ledger.size)
    if (!proof.ok) throw new Error(`a receipt names a ledger of ${oldSize}, and this one has ${ledger.size}`)
    const continued = continuationText({ oldSize, proof: proof.value, checkpoint: ledger.note })
    files.set(`consistency/${oldSize}-${ledger.size}.txt`, continued)
  }
  return [...files].map(([name, text]) => ({ name, pieces: () => [text] }))
}
