import type { Reader } from '../../db/database.ts'
import type { PeopleStore } from './people.store.ts'

export function createPeopleStore(read: Reader): PeopleStore {
  return { ...personQueries(read), ...sessionQueries(read), ...tokenQueries(read) }
}

type PersonPart = Pick<
  PeopleStore,
  | 'person'
  | 'personByEmail'
  | 'joinedOwner'
  | 'invitedOwner'
  | 'insertPerson'
  | 'updatePerson'
  | 'otherActiveOwners'
  | 'people'
>

function personQueries(read: Reader): PersonPart {
  const all = (q: Reader) => q.selectFrom('person').selectAll()
  return {
    ...ownerQueries(read),
    person: async (id, tx) =>
      (await all(tx?.q ?? read)
        .where('id', '=', id)
        .executeTakeFirst()) ?? null,
    personByEmail: async (email, tx) =>
      (await all(tx?.q ?? read)
        .where('email', '=', email)
        .executeTakeFirst()) ?? null,
    async insertPerson(tx, row) {
      await tx.q.insertInto('person').values(row).execute()
    },
    async updatePerson(tx, id, change) {
      await tx.q.updateTable('person').set(change).where('id', '=', id).execute()
    },
    people(limit, after) {
      const [id] = after ?? []
      let rows = all(read)
      if (id !== undefined) rows = rows.where('id', '<', String(id))
      return rows.orderBy('id', 'desc').limit(limit).execute()
    },
  }
}

function ownerQueries(read: Reader): Pick<PeopleStore, 'joinedOwner' | 'invitedOwner' | 'otherActiveOwners'> {
  const all = (q: Reader) => q.selectFrom('person').selectAll()
  return {
    joinedOwner: async (tx) =>
      (await all(tx?.q ?? read)
        .where('role', '=', 'owner')
        .where('password_hash', 'is not', null)
        .limit(1)
        .executeTakeFirst()) ?? null,
    invitedOwner: async (tx) =>
      (await all(tx.q)
        .where('role', '=', 'owner')
        .where('state', '=', 'invited')
        .orderBy('created_at')
        .limit(1)
        .executeTakeFirst()) ?? null,
    async otherActiveOwners(tx, id) {
      const rows = await tx.q
        .selectFrom('person')
        .select('id')
        .where('role', '=', 'owner')
        .where('state', '=', 'active')
        .where('id', '<>', id)
        .execute()
      return rows.length
    },
  }
}

type SessionPart = Omit<PeopleStore, keyof PersonPart | keyof TokenPart>

function sessionQueries(read: Reader): SessionPart {
  return {
    link: async (hash, tx) =>
      (await (tx?.q ?? read)
        .selectFrom('person_link')
        .selectAll()
        .where('token_hash', '=', hash)
        .executeTakeFirst()) ?? null,
    async putLink(tx, row) {
      await tx.q
        .deleteFrom('person_link')
        .where('person_id', '=', row.person_id)
        .where('used_at', 'is', null)
        .execute()
      await tx.q.insertInto('person_link').values(row).execute()
    },
    async useLink(tx, hash, at) {
      await tx.q.updateTable('person_link').set({ used_at: at }).where('token_hash', '=', hash).execute()
    },
    session: async (hash) =>
      (await read
        .selectFrom('person_session')
        .selectAll()
        .where('token_hash', '=', hash)
        .executeTakeFirst()) ?? null,
    async insertSession(tx, row) {
      await tx.q.insertInto('person_session').values(row).execute()
    },
    async seeSession(tx, hash, at) {
      await tx.q.updateTable('person_session').set({ seen_at: at }).where('token_hash', '=', hash).execute()
    },
    async endSession(tx, hash) {
      await tx.q.deleteFrom('person_session').where('token_hash', '=', hash).execute()
    },
    async endSessionsOf(tx, personId) {
      await tx.q.deleteFrom('person_session').where('person_id', '=', personId).execute()
    },
    async endSessionsBefore(tx, { createdBefore, seenBefore }) {
      await tx.q
        .deleteFrom('person_session')
        .where((is) => is.or([is('created_at', '<', createdBefore), is('seen_at', '<', seenBefore)]))
        .execute()
    },
    ...pauseQueries(),
  }
}

function pauseQueries(): Pick<
  PeopleStore,
  'pause' | 'countFailure' | 'forgetFailures' | 'forgetFailuresBefore'
> {
  return {
    pause: async (tx, key) =>
      (await tx.q.selectFrom('sign_in_pause').selectAll().where('key', '=', key).executeTakeFirst()) ?? null,
    async countFailure(tx, key, at, forgetBefore) {
      await tx.q
        .deleteFrom('sign_in_pause')
        .where('key', '=', key)
        .where('last_at', '<', forgetBefore)
        .execute()
      await tx.q
        .insertInto('sign_in_pause')
        .values({ key, failures: 1, last_at: at })
        .onConflict((on) =>
          on
            .column('key')
            .doUpdateSet((row) => ({ failures: row('sign_in_pause.failures', '+', 1), last_at: at })),
        )
        .execute()
    },
    async forgetFailures(tx, key) {
      await tx.q.deleteFrom('sign_in_pause').where('key', '=', key).execute()
    },
    async forgetFailuresBefore(tx, before) {
      await tx.q.deleteFrom('sign_in_pause').where('last_at', '<', before).execute()
    },
  }
}

type TokenPart = Pick<
  PeopleStore,
  'tokenBySecret' | 'tokens' | 'token' | 'insertToken' | 'seeToken' | 'revokeToken'
>

function tokenQueries(read: Reader): TokenPart {
  return {
    tokenBySecret: async (hash) =>
      (await read.selectFrom('api_token').selectAll().where('secret_hash', '=', hash).executeTakeFirst()) ??
      null,
    tokens(limit, after) {
      const [id] = after ?? []
      let rows = read
        .selectFrom('api_token')
        .innerJoin('person', 'person.id', 'api_token.created_by')
        .selectAll('api_token')
        .select('person.email as maker')
        .where('api_token.revoked_at', 'is', null)
      if (id !== undefined) rows = rows.where('api_token.id', '<', String(id))
      return rows.orderBy('api_token.id', 'desc').limit(limit).execute()
    },
    token: async (id, tx) =>
      (await tx.q.selectFrom('api_token').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    async insertToken(tx, row) {
      await tx.q.insertInto('api_token').values(row).execute()
    },
    async seeToken(tx, id, at) {
      await tx.q.updateTable('api_token').set({ last_used_at: at }).where('id', '=', id).execute()
    },
    async revokeToken(tx, id, at) {
      await tx.q.updateTable('api_token').set({ revoked_at: at }).where('id', '=', id).execute()
    },
  }
}
