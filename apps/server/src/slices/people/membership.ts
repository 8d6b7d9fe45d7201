import { done, type Outcome, type Role, refused } from '@stint/elevation'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import { dayMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { PersonRow } from '../../db/schema.ts'
import type { CursorKey } from '../../http/paging.ts'
import { insertToken } from './api-tokens.ts'
import type { PeopleParts } from './people.ts'
import { newSecret, secretHash } from './secret.ts'
import { rightsOf } from './sign-in.ts'

const LINK_LIFETIME_MS = 7 * dayMs

/** A person, and the secret of the one-time link made for him; it is shown once and stored as a hash. */
export interface Invitation {
  readonly person: PersonRow
  readonly linkSecret: string
}

export interface Membership {
  /** For a server without an owner: a fresh one-time link, replacing an unused one. Null once an owner joined. */
  firstOwnerLink(email: string): Promise<Invitation | null>
  /** Owner, link and an owner's API token, for scripts. Refusal `already-initialised`. */
  initialise(email: string): Promise<Outcome<Invitation & { readonly tokenSecret: string }>>
  people(limit: number, after: CursorKey | null): Promise<readonly PersonRow[]>
  /** Refusals `conflict` for an address that is known, `not-an-approver` for a role that may more than the actor. */
  invite(actor: Actor, email: string, role: Role): Promise<Outcome<Invitation>>
  /**
   * A new one-time link: the first was lost, or the password. Refusals `not-found`, `conflict` for a disabled person,
   * `not-an-approver` for a person who may more than the actor: whoever has the link becomes that person.
   */
  newLink(actor: Actor, personId: string): Promise<Outcome<Invitation>>
  /**
   * Refusals `not-found`, `conflict` when no active owner would be left, `not-an-approver` where the role before or after
   * may more than the actor.
   */
  changePerson(
    actor: Actor,
    personId: string,
    change: { readonly role?: Role; readonly disabled?: boolean },
  ): Promise<Outcome<PersonRow>>
}

/** Where a one-time link leads, below the public address. */
export function linkPath(secret: string): string {
  return `/join/${secret}`
}

export function createMembership(parts: PeopleParts): Membership {
  const { db, store } = parts
  return {
    firstOwnerLink: (email) =>
      db.write(async (tx) =>
        (await store.joinedOwner(tx)) === null ? ownerInvitation(parts, tx, email) : null,
      ),
    initialise: (email) => db.write((tx) => initialise(parts, tx, email)),
    people: (limit, after) => store.people(limit, after),
    invite: (actor, email, role) => db.write((tx) => invite(parts, tx, actor, email.toLowerCase(), role)),
    newLink: (actor, personId) => db.write((tx) => newLink(parts, tx, actor, personId)),
    changePerson: (actor, personId, change) =>
      db.write((tx) => changePerson(parts, tx, actor, personId, change)),
  }
}

async function ownerInvitation(parts: PeopleParts, tx: Tx, email: string): Promise<Invitation> {
  const known = await parts.store.invitedOwner(tx)
  if (known !== null) return invitation(parts, tx, known)
  const person = await insertPerson(parts, tx, email.toLowerCase(), 'owner')
  await parts.ledger.append(tx, {
    type: 'owner.created',
    actor: serverActor,
    subject: `person:${person.id}`,
    body: { role: 'owner' },
  })
  return invitation(parts, tx, person)
}

async function initialise(
  parts: PeopleParts,
  tx: Tx,
  email: string,
): Promise<Outcome<Invitation & { readonly tokenSecret: string }>> {
  const known = (await parts.store.joinedOwner(tx)) ?? (await parts.store.invitedOwner(tx))
  if (known !== null) return refused('already-initialised')
  const made = await ownerInvitation(parts, tx, email)
  const { secret } = await insertToken(parts, tx, {
    actor: serverActor,
    maker: made.person.id,
    name: 'first token',
    rights: rightsOf('owner'),
    expiresAtMs: null,
  })
  return done({ ...made, tokenSecret: secret })
}

async function insertPerson(parts: PeopleParts, tx: Tx, email: string, role: Role): Promise<PersonRow> {
  const person: PersonRow = {
    id: parts.newId(),
    email,
    name: '',
    role,
    state: 'invited',
    password_hash: null,
    created_at: parts.clock.now(),
    last_seen_at: null,
  }
  await parts.store.insertPerson(tx, person)
  return person
}

async function invitation(parts: PeopleParts, tx: Tx, person: PersonRow): Promise<Invitation> {
  const linkSecret = newSecret(parts.random)
  const now = parts.clock.now()
  await parts.store.putLink(tx, {
    token_hash: secretHash(linkSecret),
    person_id: person.id,
    created_at: now,
    expires_at: now + LINK_LIFETIME_MS,
    used_at: null,
  })
  tx.afterCommit(() => parts.changed(person.id))
  return { person, linkSecret }
}

async function invite(
  parts: PeopleParts,
  tx: Tx,
  actor: Actor,
  email: string,
  role: Role,
): Promise<Outcome<Invitation>> {
  if (!mayGive(actor, role)) return refused('not-an-approver')
  if ((await parts.store.personByEmail(email, tx)) !== null)
    return refused('conflict', { hint: 'Somebody with this address is in the list already.' })
  const person = await insertPerson(parts, tx, email, role)
  await parts.ledger.append(tx, {
    type: 'person.invited',
    actor: actorText(actor),
    subject: `person:${person.id}`,
    body: { role },
  })
  return done(await invitation(parts, tx, person))
}

/** A program may have been given one right only: it must not reach the others through a person that it makes. */
function mayGive(actor: Actor, role: Role): boolean {
  return rightsOf(role).every((right) => actor.rights.includes(right))
}

async function newLink(
  parts: PeopleParts,
  tx: Tx,
  actor: Actor,
  personId: string,
): Promise<Outcome<Invitation>> {
  const person = await parts.store.person(personId, tx)
  if (person === null) return refused('not-found')
  if (!mayGive(actor, person.role)) return refused('not-an-approver')
  if (person.state === 'disabled') return refused('conflict', { hint: 'Enable this person first.' })
  await parts.ledger.append(tx, {
    type: 'person.changed',
    actor: actorText(actor),
    subject: `person:${person.id}`,
    body: { newLink: true },
  })
  return done(await invitation(parts, tx, person))
}

async function changePerson(
  parts: PeopleParts,
  tx: Tx,
  actor: Actor,
  personId: string,
  change: { readonly role?: Role; readonly disabled?: boolean },
): Promise<Outcome<PersonRow>> {
  const { store } = parts
  const before = await store.person(personId, tx)
  if (before === null) return refused('not-found')
  if (!mayGive(actor, before.role) || !mayGive(actor, change.role ?? before.role))
    return refused('not-an-approver')
  const after = { ...before, role: change.role ?? before.role, state: stateAfter(before, change.disabled) }
  const owns = (person: PersonRow) => person.role === 'owner' && person.state === 'active'
  if (owns(before) && !owns(after) && (await store.otherActiveOwners(tx, personId)) === 0)
    return refused('conflict', { hint: 'This is the last owner. Make somebody else an owner first.' })
  await store.updatePerson(tx, personId, { role: after.role, state: after.state })
  if (after.state === 'disabled') await store.endSessionsOf(tx, personId)
  const body = {
    from: { role: before.role, state: before.state },
    to: { role: after.role, state: after.state },
  }
  await parts.ledger.append(tx, {
    type: 'person.changed',
    actor: actorText(actor),
    subject: `person:${personId}`,
    body,
  })
  tx.afterCommit(() => parts.changed(personId))
  return done(after)
}

function stateAfter(person: PersonRow, disabled: boolean | undefined): PersonRow['state'] {
  if (disabled === true) return 'disabled'
  if (disabled === undefined || person.state !== 'disabled') return person.state
  return person.password_hash === null ? 'invited' : 'active'
}
