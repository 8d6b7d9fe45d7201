import { sql } from 'kysely'
import type { Reader, Tx } from '../../db/database.ts'
import type { CheckStore, EvidenceStore } from './evidence.store.ts'

/** Rows of one statement: databases bind only so many values at once. */
const ROWS_AT_ONCE = 200

export function createEvidenceStore(read: Reader): EvidenceStore {
  return { ...entries, ...trees, ...seals, ...signatures(read), ...findings, ...checks }
}

const entries: Pick<EvidenceStore, 'last' | 'leaf' | 'insert'> = {
  async last(tx, deviceId) {
    const row = await tx.q
      .selectFrom('journal_entry')
      .select(['seq', 'leaf'])
      .where('device_id', '=', deviceId)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ?? null
  },
  async leaf(tx, deviceId, seq) {
    const row = await tx.q
      .selectFrom('journal_entry')
      .select('leaf')
      .where('device_id', '=', deviceId)
      .where('seq', '=', seq)
      .executeTakeFirst()
    return row?.leaf ?? null
  },
  async insert(tx, row) {
    await tx.q.insertInto('journal_entry').values(row).execute()
  },
}

const trees: Pick<EvidenceStore, 'nodes' | 'insertNodes'> = {
  nodes: (tx, deviceId) => ({
    async leaves(seqs) {
      const found = await tx.q
        .selectFrom('journal_entry')
        .select(['seq', 'leaf'])
        .where('device_id', '=', deviceId)
        .where('seq', 'in', [...seqs])
        .execute()
      return found.map(({ seq, leaf }) => ({ level: 0, index: seq, hash: leaf }))
    },
    async inner(places) {
      const found = await tx.q
        .selectFrom('journal_node')
        .select(['level', 'number', 'hash'])
        .where('device_id', '=', deviceId)
        .where((is) =>
          is.or(
            places.map(({ level, index }) => is.and([is('level', '=', level), is('number', '=', index)])),
          ),
        )
        .execute()
      return found.map(({ level, number: index, hash }) => ({ level, index, hash }))
    },
  }),
  async insertNodes(tx, deviceId, nodes) {
    const rows = nodes.map(({ level, index, hash }) => ({ device_id: deviceId, level, number: index, hash }))
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
      await tx.q
        .insertInto('journal_node')
        .values(rows.slice(from, from + ROWS_AT_ONCE))
        .execute()
  },
}

/** Written out, so that the engine knows its own index of them. */
const isSeal = sql<boolean>`type = 'seal.rotate'`

const seals: Pick<EvidenceStore, 'sealBefore' | 'isSeal' | 'sealsWithoutCheckpoint'> = {
  async sealBefore(tx, deviceId, before) {
    const row = await tx.q
      .selectFrom('journal_entry')
      .select(['seq', 'body'])
      .where('device_id', '=', deviceId)
      .where('seq', '<', before)
      .where(isSeal)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ?? null
  },
  async isSeal(tx, deviceId, seq) {
    const row = await tx.q
      .selectFrom('journal_entry')
      .select('seq')
      .where('device_id', '=', deviceId)
      .where('seq', '=', seq)
      .where(isSeal)
      .executeTakeFirst()
    return row !== undefined
  },
  async sealsWithoutCheckpoint(tx, deviceId, above, below) {
    const rows = await tx.q
      .selectFrom('journal_entry')
      .select('seq')
      .where('device_id', '=', deviceId)
      .where('seq', '>', above)
      .where('seq', '<', below)
      .where(isSeal)
      .where(
        sql<boolean>`not exists (select 1 from device_checkpoint c
          where c.device_id = journal_entry.device_id and c.size = journal_entry.seq + 1)`,
      )
      .orderBy('seq')
      .limit(100)
      .execute()
    return rows.map(({ seq }) => seq)
  },
}

type SignaturePart = Pick<
  EvidenceStore,
  'checkpoint' | 'newestCheckpoint' | 'insertCheckpoint' | 'receipt' | 'insertReceipt'
>

function signatures(read: Reader): SignaturePart {
  const of = (q: Reader, deviceId: string) =>
    q.selectFrom('device_checkpoint').selectAll().where('device_id', '=', deviceId)
  return {
    checkpoint: async (tx, deviceId, size) =>
      (await of(tx.q, deviceId).where('size', '=', size).executeTakeFirst()) ?? null,
    newestCheckpoint: async (deviceId, tx) =>
      (await of(tx?.q ?? read, deviceId)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst()) ?? null,
    async insertCheckpoint(tx, row) {
      await tx.q.insertInto('device_checkpoint').values(row).execute()
    },
    receipt: async (deviceId, size) =>
      (await read
        .selectFrom('device_receipt')
        .selectAll()
        .where('device_id', '=', deviceId)
        .where('size', '=', size)
        .executeTakeFirst()) ?? null,
    async insertReceipt(tx, row) {
      await tx.q
        .insertInto('device_receipt')
        .values(row)
        .onConflict((on) => on.columns(['device_id', 'size']).doNothing())
        .execute()
    },
  }
}

const findings: Pick<EvidenceStore, 'insertFinding' | 'finding' | 'acknowledge'> = {
  async insertFinding(tx, row) {
    const { numInsertedOrUpdatedRows } = await tx.q
      .insertInto('finding')
      .values(row)
      .onConflict((on) => on.columns(['device_id', 'word', 'seq_from', 'seq_to']).doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  },
  finding: async (tx, id) =>
    (await tx.q.selectFrom('finding').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
  async acknowledge(tx, id, how) {
    await tx.q.updateTable('finding').set(how).where('id', '=', id).execute()
  },
}

const boots: Pick<CheckStore, 'header' | 'bootSeq' | 'insertBoot'> = {
  async header(tx, deviceId, seq) {
    const row = await tx.q
      .selectFrom('journal_entry')
      .select('header')
      .where('device_id', '=', deviceId)
      .where('seq', '=', seq)
      .executeTakeFirst()
    return row?.header ?? null
  },
  async bootSeq(tx, deviceId, boot) {
    const row = await tx.q
      .selectFrom('journal_boot')
      .select('seq')
      .where('device_id', '=', deviceId)
      .where('boot', '=', boot)
      .executeTakeFirst()
    return row?.seq ?? null
  },
  async insertBoot(tx, row) {
    await tx.q.insertInto('journal_boot').values(row).execute()
  },
}

const requests: Pick<CheckStore, 'lastRequest' | 'requestOf' | 'insertRequest' | 'voidRequest'> = {
  lastRequest: async (tx, deviceId) => (await requestsOf(tx, deviceId).limit(1).executeTakeFirst()) ?? null,
  requestOf: async (tx, deviceId, counter) =>
    (await requestsOf(tx, deviceId).where('counter', '=', counter).limit(1).executeTakeFirst()) ?? null,
  async insertRequest(tx, row) {
    await tx.q.insertInto('journal_request').values(row).execute()
  },
  async voidRequest(tx, deviceId, requestId, seq) {
    const row = await requestsOf(tx, deviceId).where('request_id', '=', requestId).limit(1).executeTakeFirst()
    if (row === undefined) return null
    await tx.q
      .updateTable('journal_request')
      .set({ void_seq: seq })
      .where('device_id', '=', deviceId)
      .where('seq', '=', row.seq)
      .where('void_seq', 'is', null)
      .execute()
    return row.counter
  },
}

/** Newest first. */
function requestsOf(tx: Tx, deviceId: string) {
  return tx.q
    .selectFrom('journal_request')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('seq', 'desc')
}

const grants: Pick<CheckStore, 'grantsFor' | 'grantOf' | 'insertGrant' | 'startGrant'> = {
  grantsFor: (tx, deviceId, counter) => grantsOf(tx, deviceId).where('counter', '=', counter).execute(),
  grantOf: async (tx, deviceId, sessionId) =>
    (await grantsOf(tx, deviceId).where('session_id', '=', sessionId).limit(1).executeTakeFirst()) ?? null,
  async insertGrant(tx, row) {
    await tx.q.insertInto('journal_grant').values(row).execute()
  },
  async startGrant(tx, deviceId, seq, how) {
    await tx.q
      .updateTable('journal_grant')
      .set(how)
      .where('device_id', '=', deviceId)
      .where('seq', '=', seq)
      .execute()
  },
}

/** Oldest first. */
function grantsOf(tx: Tx, deviceId: string) {
  return tx.q.selectFrom('journal_grant').selectAll().where('device_id', '=', deviceId).orderBy('seq')
}

type ReceiptPart = Omit<CheckStore, keyof typeof boots | keyof typeof requests | keyof typeof grants>

const saidReceipts: ReceiptPart = {
  async insertReceiptEntry(tx, row) {
    await tx.q.insertInto('journal_receipt').values(row).execute()
  },
  async hasReceiptEntry(tx, deviceId, hash, below) {
    const row = await tx.q
      .selectFrom('journal_receipt')
      .select('seq')
      .where('device_id', '=', deviceId)
      .where('hash', '=', hash)
      .where('seq', '<', below)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  },
  receiptByHash: async (tx, deviceId, hash) =>
    (await tx.q
      .selectFrom('device_receipt')
      .selectAll()
      .where('device_id', '=', deviceId)
      .where('hash', '=', hash)
      .executeTakeFirst()) ?? null,
  checkpointsReached: (tx, deviceId, from, size) =>
    checkpointsOf(tx, deviceId).where('length', '>', from).where('length', '<=', size).execute(),
  checkpointsAbove: (tx, deviceId, size) => checkpointsOf(tx, deviceId).where('size', '>', size).execute(),
}

/** Rising. */
function checkpointsOf(tx: Tx, deviceId: string) {
  return tx.q.selectFrom('device_checkpoint').selectAll().where('device_id', '=', deviceId).orderBy('size')
}

const checks: CheckStore = { ...boots, ...requests, ...grants, ...saidReceipts }
