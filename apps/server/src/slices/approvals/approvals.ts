import type { CallerCheck, Outcome } from '@stint/elevation'
import type { Actor } from '../../actor.ts'
import type { Clock } from '../../clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import type { ApprovalRow, IssuedAnswerRow, RequestRow } from '../../db/schema.ts'
import type { NewId } from '../../identifier.ts'
import type { IssuerLink } from '../../issuer/issuer-link.ts'
import type { Devices } from '../devices/devices.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Policies } from '../policies/policies.ts'
import type { Requests } from '../requests/requests.ts'
import type { ApprovalStore } from './approvals.store.ts'
import { createDecisions } from './decisions.ts'
import { createIssuing } from './issuing.ts'

export interface ApprovalParts {
  readonly db: Database
  readonly store: ApprovalStore
  readonly ledger: Ledger
  readonly issuer: IssuerLink
  readonly devices: Pick<Devices, 'device' | 'tell'>
  readonly policies: Pick<Policies, 'settings'>
  readonly requests: Pick<Requests, 'request' | 'decide'>
  readonly clock: Clock
  readonly newId: NewId
}

/** What an approver agrees to. */
export interface Terms {
  readonly minutes: number
  readonly endProcesses: boolean
  readonly note: string
}

/**
 * Proof that somebody entitled to agree has agreed, and that it is written down. Only this slice makes one; nothing is
 * issued without one.
 */
export interface Approval {
  readonly row: ApprovalRow
  readonly request: RequestRow
}

/** A response code, ready to be read out. */
export interface SpokenCode {
  readonly requestId: string
  readonly text: string
  readonly digits: string
  readonly words: readonly string[]
  readonly minutes: number
  readonly endProcesses: boolean
}

export interface Approvals {
  /**
   * Agrees over the network. Refusals `not-found`, `already-decided`, `expired`, `own-request`, `ceiling`,
   * `device-revoked`, `device-suspended`, and `conflict` where only the code is known.
   */
  approve(actor: Actor, requestId: string, terms: Terms): Promise<Outcome<Approval>>
  /**
   * Agrees by telephone. The same terms again give the same approval. Refusals as above, and
   * `offline-codes-disabled`.
   */
  approveCaller(
    actor: Actor,
    requestId: string,
    terms: Terms,
    callerCheck: CallerCheck,
  ): Promise<Outcome<Approval>>
  /** Says no, with a note that reaches the person. Refusals `not-found`, `already-decided`, `expired`. */
  deny(actor: Actor, requestId: string, note: string): Promise<Outcome<null>>
  /** Gives an approval to the computer as an answer token. The same again sends nothing twice. Refusals of the issuer. */
  send(approval: Approval): Promise<Outcome<null>>
  /** Gives an approval to the approver as a response code; the same again gives the same code, and is recorded again. */
  speak(actor: Actor, approval: Approval): Promise<Outcome<SpokenCode>>
  /** Approvals for the network that nothing was given out for. */
  unfinished(): Promise<readonly Approval[]>
  ofRequest(requestId: string, tx?: Tx): Promise<ApprovalRow | null>
  /** Every time that an answer for this counter of a computer was given out; none where nobody gave one. */
  issuedFor(tx: Tx, deviceId: string, counter: number): Promise<readonly IssuedAnswerRow[]>
  /** Answers for lower counters that the journal of the computer has said nothing of yet. */
  unsettledBelow(tx: Tx, deviceId: string, counter: number): Promise<readonly IssuedAnswerRow[]>
  /** What became of the answers for this counter is known now. */
  settle(tx: Tx, deviceId: string, counter: number): Promise<void>
  /** A request that was decided by its code alone has arrived over the network: its denial can reach the person now. */
  joined(tx: Tx, request: RequestRow): Promise<void>
}

export function createApprovals(parts: ApprovalParts): Approvals {
  return {
    ...createDecisions(parts),
    ...createIssuing(parts),
    ofRequest: (requestId, tx) => parts.store.ofRequest(requestId, tx),
    issuedFor: (tx, deviceId, counter) => parts.store.issuedFor(tx, deviceId, counter),
    unsettledBelow: (tx, deviceId, counter) => parts.store.unsettledBelow(tx, deviceId, counter),
    settle: (tx, deviceId, counter) => parts.store.settle(tx, deviceId, counter, parts.clock.now()),
  }
}
