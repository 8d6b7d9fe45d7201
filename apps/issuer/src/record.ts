import { createHash } from 'node:crypto'
import { type Json, jcs } from '@stint/code'
import { Fault } from '@stint/elevation'
import type { RecordedCall } from './schema.ts'
import type { IssuerStore } from './store.ts'

/** A fact as a caller writes it. `body` is public to whoever may read the record: never a secret or a code. */
export interface RecordEntry {
  readonly call: RecordedCall
  readonly deviceId?: Uint8Array
  readonly approver?: string
  readonly approvalId?: string
  /** Counts against the quotas. */
  readonly counted?: boolean
  readonly body: Readonly<Record<string, Json>>
}

export interface RecordedAnswer {
  readonly call: RecordedCall
  readonly at: number
  readonly body: string
}

interface Row {
  readonly seq: number
  readonly at: number
  readonly call: string
  readonly device_id: Uint8Array | null
  readonly approver: string | null
  readonly approval_id: string | null
  readonly counted: number
  readonly body: string
  readonly prev: Uint8Array
  readonly hash: Uint8Array
}

const start: Uint8Array = new Uint8Array(32)

/** Appends inside the caller's transaction. Each row's hash covers the one before: `H(prev ‖ JCS(row))`. */
export function append(store: IssuerStore, at: number, entry: RecordEntry): void {
  const last = store.one<{ seq: number; hash: Uint8Array }>(
    'select seq, hash from record order by seq desc limit 1',
  )
  const prev = last?.hash ?? start
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at,
    call: entry.call,
    device_id: entry.deviceId ?? null,
    approver: entry.approver ?? null,
    approval_id: entry.approvalId ?? null,
    counted: entry.counted === true ? 1 : 0,
    body: jcs(entry.body),
  }
  store.run(
    `insert into record (seq, at, call, device_id, approver, approval_id, counted, body, prev, hash)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[row.seq, row.at, row.call, row.device_id, row.approver, row.approval_id, row.counted, row.body],
    prev,
    hashOf(row, prev),
  )
}

/** Walks the whole record. Throws `Fault('record-corrupted')` naming the first row that does not join. */
export function verifyRecord(store: IssuerStore): void {
  let prev: Uint8Array = start
  let seq = 0
  for (;;) {
    const rows = store.all<Row>('select * from record where seq > ? order by seq limit 1000', seq)
    if (rows.length === 0) return
    for (const row of rows) {
      const joins = row.seq === seq + 1 && same(row.prev, prev) && same(row.hash, hashOf(row, prev))
      if (!joins)
        throw new Fault(
          'record-corrupted',
          `The issuer’s record was changed at row ${row.seq}`,
          'Keep this database as evidence and restore the last backup; compare it with the server’s ledger.',
        )
      prev = row.hash
      seq = row.seq
    }
  }
}

/** What was recorded for an approval, oldest first. */
export function answersOf(store: IssuerStore, approvalId: string): RecordedAnswer[] {
  return store.all<RecordedAnswer>(
    'select call, at, body from record where approval_id = ? order by seq',
    approvalId,
  )
}

type Hashed = Omit<Row, 'prev' | 'hash'>

function hashOf(row: Hashed, prev: Uint8Array): Uint8Array {
  const { seq, at, call, device_id, approver, approval_id, counted, body } = row
  const device = device_id === null ? null : Buffer.from(device_id).toString('hex')
  const text = jcs({ seq, at, call, device, approver, approvalId: approval_id, counted, body })
  return createHash('sha256').update(prev).update(text).digest()
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
