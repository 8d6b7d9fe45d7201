/**
 * What does not fit in the evidence (spec: evidence, checks), and the evidence to take away. Below `/api/v1`.
 *
 *     GET  /findings?state&device&code&limit&cursor → Finding page, newest first     see
 *     POST /findings/:id/acknowledge AcknowledgeBody → Finding                       acknowledge-findings
 *     GET  /sessions/:id/bundle, GET /devices/:id/bundle → application/zip           read-ledger
 *     GET  /people-data?userId&device → JSON, streamed                               export-people-data
 *
 * What a finding means in words, and the next step, stand in `findingTexts` of `@stint/elevation`, by `word`.
 * A finding can be acknowledged once and never goes away. Refusals: `not-found`; `conflict` where somebody acknowledged
 * it before, and for a bundle where the computer has not signed anything yet or the ledger is not signed yet.
 */
import { findingCodes, findingWords } from '@stint/elevation'
import { Interface } from 'typebox'
import { Count, Dictionary, Hex, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const findingStates = ['open', 'acknowledged'] as const
export type FindingState = (typeof findingStates)[number]

export const Finding = Strict({
  id: Id,
  code: OneOf(findingCodes),
  word: OneOf(findingWords),
  device: Strict({ id: Hex(16), name: Type.String() }),
  /** The session that it is about, where it is about one that is known. */
  sessionId: Nullable(Id),
  /** Numbers of the computer's journal that it is about, both included. */
  from: Count,
  to: Count,
  foundAt: Time,
  /** Figures of this finding, by name, such as `counter`, `grantedSeconds`, `issuedSeconds`. */
  details: Dictionary(Type.Union([Type.String(), Type.Number(), Type.Null()])),
  /** Null while it is open. */
  acknowledged: Nullable(Strict({ by: Type.String(), at: Time, note: Type.String() })),
})
export type Finding = Static<typeof Finding>

export const FindingQuery = Interface(
  [
    Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
      cursor: Type.Optional(Type.String({ maxLength: 200 })),
    }),
  ],
  {
    state: Type.Optional(OneOf(findingStates)),
    device: Type.Optional(Hex(16)),
    code: Type.Optional(OneOf(findingCodes)),
  },
)

/** `note`: what was found out, or why it is harmless. */
export const AcknowledgeBody = Strict({ note: Text(1000, 1) })
export type AcknowledgeBody = Static<typeof AcknowledgeBody>

/** Why a session's record is not whole: numbers of the journal where they are known, and a sentence. */
export const VerdictCause = Strict({
  from: Nullable(Count),
  to: Nullable(Count),
  text: Type.String(),
})
export type VerdictCause = Static<typeof VerdictCause>

/**
 * `sealed`: the entries from the grant to the end are under a signature of the computer. `waiting`: the seal has not
 * arrived. `never`: this computer seals nothing at all; its record can be checked for order and content only.
 */
export const sealings = ['sealed', 'waiting', 'never'] as const
export type Sealing = (typeof sealings)[number]

/** Everything that is kept about one person as a user of computers. */
export const PeopleDataQuery = Strict({
  userId: Text(300, 1),
  /** Of one computer only: the same user id on two computers need not be the same person. */
  device: Type.Optional(Hex(16)),
})
