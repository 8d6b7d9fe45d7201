import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '@stint/elevation'
import { addKek, makeKekFile, openFileKeyProvider } from '../src/file-key-provider.ts'
import { createIssuer } from '../src/issuer.ts'
import { openIssuerStore } from '../src/store.ts'
import { approval, enrolled, newToken } from './test-device.ts'
import { given, reasonOf, testIssuer } from './test-issuer.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'kek-'))
  return { kek: join(path, 'kek'), [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const aad = Buffer.from('row 1')

test('KEY-5: a wrapped secret opens only unchanged, for its own row and under its own key', async () => {
  using place = folder()
  makeKekFile(place.kek)
  assert.equal(statSync(place.kek).mode & 0o777, 0o600)
  const keys = openFileKeyProvider(place.kek)
  const secret = randomBytes(32)
  const wrapped = await keys.wrap(secret, aad)
  assert.deepEqual(Buffer.from(await keys.unwrap(wrapped, aad)), secret)
  assert.notDeepEqual((await keys.wrap(secret, aad)).sealed, wrapped.sealed)
  const unreadable = (error: unknown) => error instanceof Fault && error.code === 'secret-unreadable'
  for (let at = 0; at < wrapped.sealed.length; at++) {
    const sealed = Uint8Array.from(wrapped.sealed)
    sealed[at] = (sealed[at] ?? 0) ^ 1
    await assert.rejects(keys.unwrap({ ...wrapped, sealed }, aad), unreadable)
  }
  await assert.rejects(keys.unwrap(wrapped, Buffer.from('row 2')), unreadable)
  await assert.rejects(keys.unwrap({ ...wrapped, sealed: new Uint8Array(5) }, aad), unreadable)
  using other = folder()
  makeKekFile(other.kek)
  await assert.rejects(openFileKeyProvider(other.kek).unwrap(wrapped, aad), unreadable)
})

test('a key file that is missing, open to others or there already is refused with its reason', () => {
  using place = folder()
  assert.throws(() => openFileKeyProvider(place.kek), { code: 'kek-missing' })
  makeKekFile(place.kek)
  assert.throws(() => makeKekFile(place.kek), { code: 'kek-exists' })
  chmodSync(place.kek, 0o640)
  assert.throws(() => openFileKeyProvider(place.kek), { code: 'kek-exposed' })
})

test('a new key wraps everything again at the next start; computers notice nothing', async () => {
  using first = testIssuer({ database: 'file' })
  const device = await enrolled(first)
  await newToken(first)
  const asked = { call: 'answer.code', ...approval(device), minutes: 15 } as const
  const code = given(await first.ask(asked))
  first.stop()
  const kek = join(first.folder, 'kek')
  assert.equal(addKek(kek), 2)
  const store = openIssuerStore(join(first.folder, 'issuer.db'))
  const issuer = createIssuer({ ...first, store, keyProvider: openFileKeyProvider(kek), random: randomBytes })
  await issuer.start()
  for (const table of ['code_key', 'signing_key', 'enrollment_token']) {
    const versions = store.all<{ kek_version: number }>(
      `select distinct kek_version from ${table} where sealed is not null`,
    )
    assert.deepEqual(
      versions.map(({ kek_version }) => kek_version),
      [2],
      table,
    )
  }
  assert.deepEqual(given(await issuer.call({ id: 1, ...asked })), code)
  store.close()
})

test('the wrong key file stops the start: secret-unreadable, and nothing is changed', async () => {
  using first = testIssuer({ database: 'file' })
  await enrolled(first)
  first.stop()
  using other = folder()
  makeKekFile(other.kek)
  const store = openIssuerStore(join(first.folder, 'issuer.db'))
  const before = store.all('select * from code_key')
  const issuer = createIssuer({
    ...first,
    store,
    keyProvider: openFileKeyProvider(other.kek),
    random: randomBytes,
  })
  await assert.rejects(issuer.start(), { code: 'secret-unreadable' })
  await assert.rejects(issuer.call({ id: 1, call: 'trust' }), { code: 'secret-unreadable' })
  assert.deepEqual(store.all('select * from code_key'), before)
  store.close()
})

test('a corrupted key row fails that computer alone, without a word of the secret', async () => {
  using issuer = testIssuer()
  const [a, b] = [await enrolled(issuer), await enrolled(issuer)]
  issuer.store.run(
    'update code_key set sealed = zeroblob(60) where device_id = ?',
    Buffer.from(a.deviceId, 'hex'),
  )
  await assert.rejects(
    issuer.ask({ call: 'answer.code', ...approval(a), minutes: 15 }),
    (error) =>
      error instanceof Fault &&
      error.code === 'secret-unreadable' &&
      !JSON.stringify([error.message, error.hint, error.stack]).includes(Buffer.from(a.crk).toString('hex')),
  )
  assert.equal(reasonOf(await issuer.ask({ call: 'answer.code', ...approval(b), minutes: 15 })), 'done')
})

test('KEY-5: two key rows exchanged do not open: secret-unreadable', async () => {
  using issuer = testIssuer()
  const [a, b] = [await enrolled(issuer), await enrolled(issuer)]
  issuer.store.run(
    'update code_key set sealed = (select sealed from code_key where device_id = ?) where device_id = ?',
    ...[Buffer.from(b.deviceId, 'hex'), Buffer.from(a.deviceId, 'hex')],
  )
  await assert.rejects(issuer.ask({ call: 'answer.code', ...approval(a), minutes: 15 }), {
    code: 'secret-unreadable',
  })
})

test('a record that was changed behind our back stops the start: record-corrupted, naming the row', async () => {
  using first = testIssuer({ database: 'file' })
  const device = await enrolled(first)
  given(await first.ask({ call: 'answer.code', ...approval(device), minutes: 15 }))
  const changes = [
    [`update record set approver = 'nobody' where approver is not null`, /row 5/],
    [`delete from record where seq = 2`, /row 3/],
  ] as const
  first.store.run('drop trigger record_no_update')
  first.store.run('drop trigger record_no_delete')
  for (const [sql, row] of changes) {
    first.store.run('savepoint before')
    first.store.run(sql)
    const issuer = createIssuer({ ...first, random: randomBytes })
    await assert.rejects(issuer.start(), { code: 'record-corrupted', message: row })
    first.store.run('rollback to before')
    first.store.run('release before')
  }
  await createIssuer({ ...first, random: randomBytes }).start()
})
