import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approval, enrolled, newToken, TestDevice } from './test-device.ts'
import { given, type TestIssuer, testIssuer } from './test-issuer.ts'

/** An issuer with one row and more in every table: two computers enrolled, one of them healing, one revoked. */
async function furnished(): Promise<TestIssuer> {
  const issuer = testIssuer()
  const device = await enrolled(issuer)
  const { hello } = device.healHello()
  given(await issuer.ask({ call: 'heal', deviceId: device.deviceId, hello }))
  given(await issuer.ask({ call: 'answer.code', ...approval(device), minutes: 15 }))
  const gone = await enrolled(issuer)
  given(await issuer.ask({ call: 'device.revoke', deviceId: gone.deviceId }))
  const token = await newToken(issuer)
  given(await issuer.ask({ call: 'enrol', hello: new TestDevice().hello(token) }))
  return issuer
}

const illegal: readonly [move: string, sql: string, rule: RegExp][] = [
  ['changing a fact', `update record set approver = 'x'`, /record: append-only/],
  ['deleting a fact', 'delete from record where seq = 3', /record: append-only/],
  [
    'leaving out a number of the record',
    `insert into record select seq + 5, at, call, device_id, approver, null, 0, body, prev, hash from record
     order by seq desc limit 1`,
    /record: a row must continue the last one/,
  ],
  [
    'a fact that does not follow the last',
    `insert into record select seq + 1, at, call, device_id, approver, null, 0, body, prev, hash from record
     order by seq desc limit 1`,
    /record: a row must continue the last one/,
  ],
  [
    'replacing a fact',
    'insert or replace into record select * from record where seq = 2',
    /record: a row must continue the last one/,
  ],
  [
    'counting an approval twice',
    `insert into record select seq + 1, at, call, device_id, approver, (select approval_id from record
       where counted = 1), 1, body, hash, hash from record order by seq desc limit 1`,
    /UNIQUE constraint failed: record.approval_id/,
  ],
  ['another tenant', `update issuer set tenant = zeroblob(16)`, /issuer: its identity never changes/],
  ['no tenant', 'delete from issuer', /issuer: its identity never changes/],
  ['another public key', 'update signing_key set public = zeroblob(32)', /signing_key: an immutable column/],
  ['no signing key', 'delete from signing_key', /signing_key: kept as long as what it signed/],
  ['more uses', 'update enrollment_token set uses = 100', /enrollment_token: an immutable column/],
  ['a longer token', 'update enrollment_token set expires_at = expires_at + 1', /an immutable column/],
  [
    'giving a use back',
    'update enrollment_token set used = 0 where used = 1',
    /enrollment_token: a use is never given back/,
  ],
  [
    'giving a secret back',
    `update enrollment_token set kek_version = 1, sealed = x'00' where sealed is null`,
    /a use is never given back, nor a secret/,
  ],
  ['using a token too often', 'update enrollment_token set used = used + 1 where used = 1', /used between 0/],
  ['forgetting a token', 'delete from enrollment_token', /enrollment_token: kept with its use count/],
  ['another number', "update device set dev_no = 77 where state = 'enrolled'", /device: an immutable column/],
  ['another identity', 'update device set dik = zeroblob(32)', /device: an immutable column/],
  [
    'back from revoked',
    `update device set state = 'enrolled' where state = 'revoked'`,
    /device: offered, enrolled, revoked, in this order/,
  ],
  [
    'back to offered',
    `update device set state = 'offered' where state = 'enrolled'`,
    /device: offered, enrolled, revoked, in this order/,
  ],
  ['a state of no list', `update device set state = 'lost' where state = 'offered'`, /CHECK constraint/],
  ['a serial that falls', 'update device set policy_serial = -1', /a policy serial never falls/],
  [
    'a serial that means two things',
    'update device set policy_hash = zeroblob(32)',
    /never means two things/,
  ],
  [
    'forgetting a computer',
    `delete from device where state = 'revoked'`,
    /device: kept, so that its number is not used again/,
  ],
  [
    'a key for a revoked computer',
    `insert into code_key select (select device_id from device where state = 'revoked'), 0, 'current', hello_hash,
       e_s, n_s, confirm_s, sig_s, confirm_d_hash, kek_version, sealed from code_key where state = 'pending'`,
    /code_key: epoch 0 at enrolment, then the next one by a heal/,
  ],
  [
    'a second pending key',
    `insert into code_key select device_id, epoch + 1, state, hello_hash, e_s, n_s, confirm_s, sig_s,
       confirm_d_hash, kek_version, sealed from code_key where state = 'pending'`,
    /code_key: epoch 0 at enrolment/,
  ],
  [
    'skipping the confirmation backwards',
    `update code_key set state = 'pending' where state = 'current'`,
    /code_key: pending, current, spent, in this order/,
  ],
  [
    'two keys in force',
    `update code_key set state = 'current'`,
    /UNIQUE constraint failed: code_key.device_id/,
  ],
  [
    'another confirmation',
    'update code_key set confirm_d_hash = zeroblob(32)',
    /code_key: an immutable column/,
  ],
  [
    'erasing a key in force',
    `delete from code_key where state = 'current'`,
    /the key in force of an enrolled computer is not deleted/,
  ],
  [
    'text where bytes belong',
    `update code_key set sealed = 'text'`,
    /cannot store TEXT value in BLOB column/,
  ],
]

for (const [move, sql, rule] of illegal) {
  test(`the database refuses ${move}`, async () => {
    using issuer = await furnished()
    assert.throws(() => issuer.store.run(sql), rule)
  })
}

test('a transaction that fails leaves nothing behind', async () => {
  using issuer = await furnished()
  const count = () => issuer.store.one<{ n: number }>('select count(*) as n from device')?.n
  const before = count()
  assert.throws(
    () =>
      issuer.store.transaction(() => {
        issuer.store.run(`update device set state = 'revoked' where state = 'enrolled'`)
        throw new Error('cut')
      }),
    /cut/,
  )
  assert.equal(count(), before)
  assert.ok(issuer.store.one(`select 1 from device where state = 'enrolled'`))
})
