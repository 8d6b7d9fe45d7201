import type { Clock } from '../../clock.ts'
import type { Database } from '../../db/database.ts'
import type { NewId, Random } from '../../identifier.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type ApiTokens, createApiTokens } from './api-tokens.ts'
import { createMembership, type Membership } from './membership.ts'
import { createPasswords, type Passwords } from './password.ts'
import type { PeopleStore } from './people.store.ts'
import { createSignIn, type SignIn } from './sign-in.ts'

export { linkPath } from './membership.ts'
export { createPasswords } from './password.ts'
export type { SignedIn } from './sign-in.ts'

/** What every part of this slice works with. */
export interface PeopleParts {
  readonly db: Database
  readonly store: PeopleStore
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: Random
  readonly newId: NewId
  readonly passwords: Passwords
  /** The people on somebody's screen may have changed. */
  readonly changed: (personId: string) => void
}

/** Who may come in and what each may do. */
export type People = SignIn & Membership & ApiTokens

export function createPeople(
  parts: Omit<PeopleParts, 'passwords'> & { readonly passwords?: Passwords },
): People {
  const whole = { ...parts, passwords: parts.passwords ?? createPasswords(parts.random) }
  return { ...createSignIn(whole), ...createMembership(whole), ...createApiTokens(whole) }
}
