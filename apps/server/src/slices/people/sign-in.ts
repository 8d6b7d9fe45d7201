import { done, may, type Outcome, type Right, type Role, refused, rights } from '@stint/elevation'
import { type Actor, actorText, serverActor } from '../../actor.ts'
import { dayMs, hourMs, minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { PersonRow } from '../../db/schema.ts'
import { PASSWORD_MIN_LENGTH } from './password.ts'
import {
  PAUSE_FORGOTTEN_AFTER_MS,
  type PauseKey,
  type PauseKeys,
  pauseKeys,
  remainingPauseMs,
} from './pause.ts'
import type { PeopleParts } from './people.ts'
import { csrfOf, newSecret, secretHash } from './secret.ts'

const IDLE_MS = 8 * hourMs
const ABSOLUTE_MS = dayMs
/** `seen_at` is written at most this often: reading a page is not worth a write each time. */
const SEEN_EVERY_MS = minuteMs

/** A browser that is signed in. `secret` goes into the cookie, `csrf` to the page. */
export interface SignedIn {
  readonly actor: Actor
  readonly person: PersonRow
  readonly secret: string
  readonly csrf: string
}

export interface LinkInfo {
  readonly email: string
  readonly role: Role
  readonly expiresAtMs: number
}

export interface SignIn {
  /** Refusals `wrong-credentials`, `too-many-attempts` with `remainingMs`. As slow for an unknown account as for a known one. */
  signIn(email: string, password: string, address: string): Promise<Outcome<SignedIn>>
  signOut(secret: string): Promise<void>
  /** Who holds this cookie; null when it is over: idle 8 h, 24 h in all, or the person disabled. */
  personBySession(secret: string, quietly: boolean): Promise<{ actor: Actor; csrf: string } | null>
  person(id: string): Promise<PersonRow | null>
  /** Refusal `link-used`. */
  linkInfo(secret: string): Promise<Outcome<LinkInfo>>
  /** Uses the one-time link. Refusals `link-used`, `weak-password`. */
  join(secret: string, name: string, password: string): Promise<Outcome<SignedIn>>
  /** Removes sessions and pauses that are over. */
  cleanUp(): Promise<void>
}

export function createSignIn(parts: PeopleParts): SignIn {
  const { store, db, clock } = parts
  return {
    signIn: (email, password, address) => signIn(parts, email.toLowerCase(), password, address),
    signOut: (secret) => db.write((tx) => store.endSession(tx, secretHash(secret))),
    personBySession: (secret, quietly) => personBySession(parts, secret, quietly),
    person: (id) => store.person(id),
    linkInfo: (secret) => linkInfo(parts, secret),
    join: (secret, name, password) => join(parts, secret, name, password),
    cleanUp: () =>
      db.write(async (tx) => {
        const now = clock.now()
        await store.endSessionsBefore(tx, { createdBefore: now - ABSOLUTE_MS, seenBefore: now - IDLE_MS })
        await store.forgetFailuresBefore(tx, now - PAUSE_FORGOTTEN_AFTER_MS)
      }),
  }
}

async function signIn(
  parts: PeopleParts,
  email: string,
  password: string,
  address: string,
): Promise<Outcome<SignedIn>> {
  const { store, db, ledger, passwords } = parts
  const keys = pauseKeys(email, address)
  // Looked at and counted in one, before the comparison: many tries at once cannot share one look at the counter.
  const remainingMs = await db.write(async (tx) => {
    const pause = await pauseOf(parts, tx, keys)
    if (pause === 0) await countFailure(parts, tx, keys.account)
    return pause
  })
  if (remainingMs > 0) return refused('too-many-attempts', { details: { remainingMs } })
  const person = await store.personByEmail(email)
  const isActive = person?.state === 'active'
  const isRight = await passwords.verify(password, isActive ? person.password_hash : null)
  if (!isActive || !isRight) {
    const subject = person === null ? 'person:unknown' : `person:${person.id}`
    const fact = { type: 'person.sign-in-refused', actor: serverActor, subject, body: {} } as const
    await db.write(async (tx) => {
      await countFailure(parts, tx, keys.address)
      await ledger.append(tx, fact)
    })
    return refused('wrong-credentials')
  }
  return db.write(async (tx) => {
    await store.forgetFailures(tx, keys.account.key)
    const subject = `person:${person.id}`
    await ledger.append(tx, { type: 'person.signed-in', actor: subject, subject, body: {} })
    return done(await openSession(parts, tx, person))
  })
}

async function pauseOf({ store, clock }: PeopleParts, tx: Tx, keys: PauseKeys): Promise<number> {
  const now = clock.now()
  let pause = 0
  for (const { kind, key } of [keys.account, keys.address]) {
    const failed = await store.pause(tx, key)
    if (failed !== null) pause = Math.max(pause, remainingPauseMs(kind, failed, now))
  }
  return pause
}

async function countFailure({ store, clock }: PeopleParts, tx: Tx, { key }: PauseKey): Promise<void> {
  const now = clock.now()
  await store.countFailure(tx, key, now, now - PAUSE_FORGOTTEN_AFTER_MS)
}

async function openSession(
  { store, clock, random }: PeopleParts,
  tx: Tx,
  person: PersonRow,
): Promise<SignedIn> {
  const secret = newSecret(random)
  const now = clock.now()
  await store.insertSession(tx, {
    token_hash: secretHash(secret),
    person_id: person.id,
    created_at: now,
    seen_at: now,
  })
  await store.updatePerson(tx, person.id, { last_seen_at: now })
  return { actor: personActor(person), person, secret, csrf: csrfOf(secret) }
}

async function personBySession(
  { store, db, clock }: PeopleParts,
  secret: string,
  quietly: boolean,
): Promise<{ actor: Actor; csrf: string } | null> {
  const hash = secretHash(secret)
  const session = await store.session(hash)
  const now = clock.now()
  if (session === null || now - session.created_at > ABSOLUTE_MS || now - session.seen_at > IDLE_MS)
    return null
  const person = await store.person(session.person_id)
  if (person?.state !== 'active') return null
  if (!quietly && now - session.seen_at > SEEN_EVERY_MS)
    await db.write(async (tx) => {
      await store.seeSession(tx, hash, now)
      await store.updatePerson(tx, person.id, { last_seen_at: now })
    })
  return { actor: personActor(person), csrf: csrfOf(secret) }
}

export function personActor(person: PersonRow): Actor {
  return {
    kind: 'person',
    id: person.id,
    personId: person.id,
    email: person.email,
    label: person.name,
    rights: rightsOf(person.role),
  }
}

export function rightsOf(role: Role): readonly Right[] {
  return rights.filter((right) => may(role, right))
}

async function linkInfo(parts: PeopleParts, secret: string): Promise<Outcome<LinkInfo>> {
  const link = await parts.store.link(secretHash(secret))
  const person = link === null ? null : await parts.store.person(link.person_id)
  if (link === null || person === null || !isUsable(link, person, parts.clock.now()))
    return refused('link-used')
  return done({ email: person.email, role: person.role, expiresAtMs: link.expires_at })
}

function isUsable(
  link: { used_at: number | null; expires_at: number },
  person: PersonRow,
  now: number,
): boolean {
  return link.used_at === null && link.expires_at > now && person.state !== 'disabled'
}

async function join(
  parts: PeopleParts,
  secret: string,
  name: string,
  password: string,
): Promise<Outcome<SignedIn>> {
  const { store, db, ledger, clock, passwords } = parts
  if ([...password].length < PASSWORD_MIN_LENGTH) return refused('weak-password')
  const hash = secretHash(secret)
  if ((await store.link(hash)) === null) return refused('link-used')
  const passwordHash = await passwords.hash(password)
  return db.write(async (tx) => {
    const link = await store.link(hash, tx)
    const before = link === null ? null : await store.person(link.person_id, tx)
    if (link === null || before === null || !isUsable(link, before, clock.now())) return refused('link-used')
    const person: PersonRow = { ...before, name, state: 'active', password_hash: passwordHash }
    await store.useLink(tx, hash, clock.now())
    await store.updatePerson(tx, person.id, { name, state: 'active', password_hash: passwordHash })
    await store.endSessionsOf(tx, person.id)
    const actor = actorText({ kind: 'person', id: person.id })
    const type = before.state === 'invited' ? 'person.joined' : 'person.changed'
    await ledger.append(tx, { type, actor, subject: actor, body: { passwordSet: true } })
    tx.afterCommit(() => parts.changed(person.id))
    return done(await openSession(parts, tx, person))
  })
}
