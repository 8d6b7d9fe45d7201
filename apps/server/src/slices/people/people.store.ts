import type { Tx } from '../../db/database.ts'
import type {
  ApiTokenRow,
  PersonLinkRow,
  PersonRow,
  PersonSessionRow,
  SignInPauseRow,
} from '../../db/schema.ts'
import type { CursorKey } from '../../http/paging.ts'

/** Secrets never reach a store: it sees their hashes. An e-mail address is lower case, and names one person. */
export interface PeopleStore {
  person(id: string, tx?: Tx): Promise<PersonRow | null>
  personByEmail(email: string, tx?: Tx): Promise<PersonRow | null>
  /** Somebody who is or was an owner with a password: the server is initialised. */
  joinedOwner(tx?: Tx): Promise<PersonRow | null>
  invitedOwner(tx: Tx): Promise<PersonRow | null>
  insertPerson(tx: Tx, row: PersonRow): Promise<void>
  /** The engine refuses to leave the server without an active owner (`person_last_owner`). */
  updatePerson(
    tx: Tx,
    id: string,
    change: Partial<Pick<PersonRow, 'name' | 'role' | 'state' | 'password_hash' | 'last_seen_at'>>,
  ): Promise<void>
  otherActiveOwners(tx: Tx, id: string): Promise<number>
  people(limit: number, after: CursorKey | null): Promise<PersonRow[]>

  link(tokenHash: string, tx?: Tx): Promise<PersonLinkRow | null>
  /** Replaces links of this person that nobody used. */
  putLink(tx: Tx, row: PersonLinkRow): Promise<void>
  useLink(tx: Tx, tokenHash: string, at: number): Promise<void>

  session(tokenHash: string): Promise<PersonSessionRow | null>
  insertSession(tx: Tx, row: PersonSessionRow): Promise<void>
  seeSession(tx: Tx, tokenHash: string, at: number): Promise<void>
  endSession(tx: Tx, tokenHash: string): Promise<void>
  endSessionsOf(tx: Tx, personId: string): Promise<void>
  endSessionsBefore(tx: Tx, limits: { createdBefore: number; seenBefore: number }): Promise<void>

  pause(tx: Tx, key: string): Promise<SignInPauseRow | null>
  /** One more failure; counts from one again when the last is before `forgetBefore`. */
  countFailure(tx: Tx, key: string, at: number, forgetBefore: number): Promise<void>
  forgetFailures(tx: Tx, key: string): Promise<void>
  forgetFailuresBefore(tx: Tx, before: number): Promise<void>

  tokenBySecret(secretHash: string): Promise<ApiTokenRow | null>
  tokens(limit: number, after: CursorKey | null): Promise<(ApiTokenRow & { readonly maker: string })[]>
  token(id: string, tx: Tx): Promise<ApiTokenRow | null>
  insertToken(tx: Tx, row: ApiTokenRow): Promise<void>
  seeToken(tx: Tx, id: string, at: number): Promise<void>
  revokeToken(tx: Tx, id: string, at: number): Promise<void>
}
