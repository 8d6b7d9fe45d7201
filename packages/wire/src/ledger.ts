/**
 * The ledger as evidence, for auditors and programs that check it (`spec/evidence.md`), under `/api/v1`:
 *
 *     GET /ledger/checkpoint                          → LedgerCheckpoint
 *     GET /ledger/proofs/inclusion?seq=&size=         → LedgerProof
 *     GET /ledger/proofs/consistency?old=&size=       → LedgerProof
 *     GET /ledger/entries?from=&limit=                → LedgerEntries
 */

import { JournalEntry } from './journal.ts'
import { Count, Hex, List, type Static, Strict, Text, Time, Type } from './parse.ts'

/** The largest that is signed. */
export const LedgerCheckpoint = Strict({
  size: Count,
  root: Hex(32),
  /** The note with all its signature lines, byte for byte. */
  note: Text(65_536),
  signedAt: Time,
})
export type LedgerCheckpoint = Static<typeof LedgerCheckpoint>

/** Numbers in an address. Of sizes, those of checkpoints are the ones that prove something. */
export const InclusionQuery = Strict({ seq: Count, size: Count })
export const ConsistencyQuery = Strict({ old: Count, size: Count })

/** Base64 as in notes: from the leaf's sibling up, or as RFC 9162 orders a consistency proof. */
export const LedgerProof = Strict({ proof: List(Text(44), 63) })
export type LedgerProof = Static<typeof LedgerProof>

export const EntriesQuery = Strict({
  from: Type.Optional(Count),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200 })),
})

/** One that was dropped has neither salt nor body. */
export const DroppedEntry = Strict({
  header: JournalEntry.properties.header,
  salt: Type.Null(),
  body: Type.Null(),
})
/** In order, each number once; none when `from` is the end. */
export const LedgerEntries = Strict({ entries: Type.Array(Type.Union([JournalEntry, DroppedEntry])) })
export type LedgerEntries = Static<typeof LedgerEntries>
