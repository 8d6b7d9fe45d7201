import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { onEachEngine } from '../../test/engines.ts'
import type { Database } from './database.ts'
import { ruleOf } from './rules.ts'

const id = (n: number) => `0189${String(n).padStart(4, '0')}-0000-7000-8000-000000000000`
const device = 'd'.repeat(32)

/** One row of everything, legal. */
const rows: readonly string[] = [
  `insert into person values ('${id(1)}', 'o@x', 'O', 'owner', 'active', 'hash', 1, null)`,
  `insert into person values ('${id(2)}', 'v@x', 'V', 'viewer', 'active', 'hash', 1, null)`,
  `insert into api_token values ('${id(3)}', 't', '[]', 'secret', '${id(1)}', 1, null, null, null)`,
  `insert into person_link values ('link', '${id(1)}', 1, 2, 1)`,
  `insert into enrollment_token values ('token', 'O', 1, 2, 1, 1, null)`,
  `insert into device values ('${device}', 7, 'token', 'enrolled', 'dik', 'dxk', 'n', '{}', 3, 5, null, null, 1, null, null, 'vkey')`,
  `insert into device_user values ('${device}', 'uid:1:a', 'a', 0, 1)`,
  `insert into device_message values ('${device}', 1, 'heal', '', '{}', 1, 1)`,
  `insert into settings_version values (1, 1, 'O', '{}')`,
  `insert into device_policy values ('${device}', 5, 0, '[]', 'jws', 1)`,
  `insert into request values ('${id(4)}', '${device}', 'pending', 'network', '${id(5)}', 'CODE', 1, 0, 1, 'u', 'a', 'session', 'r', 5, null, 1, 2, null)`,
  `insert into approval values ('${id(6)}', '${id(4)}', 'approved', 'network', 'person:1', 'O', 1, 5, 1, '', null, 1)`,
  `insert into session values ('${id(7)}', '${device}', '${id(5)}', 'live', 'u', 'a', 'session', 'answer-token', 1, 2, 1, 'r', 0, 'complete', 0, null, null, null, null, null, 'r')`,
  `insert into session_process values ('${id(7)}', 1, 1, 1, 1, 0, 'p', '[]', 0, null, null, 5, 0, null, 0)`,
  `insert into session_gap values ('${id(7)}', 1, 1, 2, 'c')`,
  `insert into session_denied values ('${id(7)}', 1, 1, 1, 0, 'p', null, '[]', 0, 0, 'no-shells', 0)`,
  `insert into session_comparison values ('${id(7)}', 1, '[]', 0)`,
  `insert into session_change values ('${id(7)}', 0, 'account', 'eve', null, 'an account', 1, 'not-asked')`,
  `insert into session_fact values ('${device}', 1, null, '${id(7)}', 1, 't', 'x')`,
  `insert into journal_entry values ('${device}', 0, 'boot', 1, 1, 'h', 'leaf', 's', '{}', null)`,
  `insert into ledger values (0, 1, 'owner.created', 'server', 's', 'h', 'p0', 'h0', 'salt', '{}', null)`,
  `insert into ledger values (1, 1, 'device.log-key', 'server', 's', 'h', 'h0', 'h1', 'salt', '{}', null)`,
  `insert into ledger_node values (1, 0, 'n')`,
  `insert into ledger_checkpoint values (1, 'root', 'note', 1)`,
  `insert into ledger_cosignature values (1, 'w', 'line', 1)`,
  `insert into journal_entry values ('${device}', 1, 'receipt', 1, 1, 'h', 'leaf1', 's', '{}', null)`,
  `insert into journal_node values ('${device}', 1, 0, 'n')`,
  `insert into device_checkpoint values ('${device}', 1, 'root', 'note', 1, 1, null, 0)`,
  `insert into device_receipt values ('${device}', 1, 'hash', 'text', 1)`,
  `insert into finding values ('${id(20)}', '${device}', 'E3', 'fork', 1, 2, null, 1, '{}', 'person:1', 2, 'seen')`,
]

const droppedFact = 'actor = null, subject = null, body = null, salt = null, dropped_at = 2'
const endedHow = 'ended_at = 1, end_reason = '
/** What is tried, and the rule that must say no. */
const illegal: readonly (readonly [what: string, statement: string, rule: string | RegExp])[] = [
  ['change a fact of the ledger', `update ledger set actor = 'me'`, 'ledger_append_only'],
  ['remove a fact of the ledger', `delete from ledger`, 'ledger_never_deleted'],
  [
    'drop a body of the ledger and keep who it was',
    `update ledger set body = null, salt = null, dropped_at = 2 where seq = 0`,
    'ledger_append_only',
  ],
  [
    'drop a body and put another type in its place',
    `update ledger set ${droppedFact}, type = 'person.changed' where seq = 0`,
    'ledger_append_only',
  ],
  [
    'put another body in its place',
    `update ledger set body = '{}', dropped_at = 2 where seq = 0`,
    'ledger_append_only',
  ],
  ['drop a body that keys hang on', `update ledger set ${droppedFact} where seq = 1`, 'ledger_never_dropped'],
  [
    'a new fact without a body',
    `insert into ledger values (2, 1, 'owner.created', null, null, 'h', 'h1', 'h2', null, null, null)`,
    'ledger_whole_or_dropped',
  ],
  ['change the tree of the ledger', `update ledger_node set hash = 'x'`, 'ledger_node_append_only'],
  [
    'sign a size twice with two roots',
    `update ledger_checkpoint set root = 'x'`,
    'ledger_checkpoint_append_only',
  ],
  ['take a signature back', `delete from ledger_checkpoint`, /ledger_checkpoint_never_deleted|foreign-key/],
  [
    'sign more than there is',
    `insert into ledger_checkpoint values (9, 'r', 'n', 1)`,
    'ledger_checkpoint_covers',
  ],
  [
    'change what a witness said',
    `update ledger_cosignature set line = 'x'`,
    'ledger_cosignature_append_only',
  ],
  ['change the tree of a journal', `update journal_node set hash = 'x'`, 'journal_node_append_only'],
  [
    'change what a computer signed',
    `update device_checkpoint set note = 'x'`,
    'device_checkpoint_append_only',
  ],
  ['forget what a computer signed', `delete from device_checkpoint`, 'device_checkpoint_never_deleted'],
  ['give another receipt for the same', `update device_receipt set text = 'x'`, 'device_receipt_append_only'],
  ['change a finding', `update finding set word = 'silent'`, 'finding_immutable'],
  ['remove a finding', `delete from finding`, 'finding_never_deleted'],
  [
    'say that nobody saw a finding',
    `update finding set acknowledged_by = null, acknowledged_at = null, note = null`,
    'finding_set_once',
  ],
  [
    'find the same twice',
    `insert into finding values ('${id(21)}', '${device}', 'E3', 'fork', 1, 2, null, 1, '{}', null, null, null)`,
    /finding_once|unique:finding.device_id/,
  ],
  [
    'a finding of an unknown word',
    `insert into finding values ('${id(21)}', '${device}', 'E3', 'odd', 1, 2, null, 1, '{}', null, null, null)`,
    'finding_word_known',
  ],
  [
    'a finding that somebody saw at no time',
    `insert into finding values ('${id(21)}', '${device}', 'E1', 'entry-gap', 1, 2, null, 1, '{}', 'person:1', null, null)`,
    'finding_acknowledged_whole',
  ],
  [
    'drop the body of a receipt from a journal',
    `update journal_entry set salt = null, body = null, dropped_at = 2 where seq = 1`,
    'journal_entry_never_dropped',
  ],
  [
    'fork the ledger',
    `insert into ledger values (1, 1, 'owner.created', 'a', 's', 'h', 'p0', 'h2', 'salt', '{}', null)`,
    'ledger_joins',
  ],
  [
    'a fact of an unknown type',
    `insert into ledger values (2, 1, 'rights.raised', 'a', 's', 'h', 'h1', 'h2', 'salt', '{}', null)`,
    'ledger_type_known',
  ],
  [
    'leave the server without an owner: demote',
    `update person set role = 'viewer' where id = '${id(1)}'`,
    'person_last_owner',
  ],
  [
    'leave the server without an owner: disable',
    `update person set state = 'disabled' where id = '${id(1)}'`,
    'person_last_owner',
  ],
  [
    'turn an active person into an invited one',
    `update person set state = 'invited' where id = '${id(2)}'`,
    'person_state_move',
  ],
  [
    'give a person another address',
    `update person set email = 'z@x' where id = '${id(2)}'`,
    'person_immutable',
  ],
  ['an unknown role', `update person set role = 'god' where id = '${id(2)}'`, 'person_role_known'],
  [
    'be active without a password',
    `update person set password_hash = null where id = '${id(2)}'`,
    'person_active_has_password',
  ],
  ['remove a person', `delete from person where id = '${id(2)}'`, 'person_never_deleted'],
  ['use a link twice', `update person_link set used_at = 5`, 'person_link_set_once'],
  ['give a token more rights', `update api_token set rights = '["see"]'`, 'api_token_immutable'],
  ['remove a token', `delete from api_token`, 'api_token_never_deleted'],
  ['use an enrolment token once too often', `update enrollment_token set used = 2`, 'enrollment_token_uses'],
  [
    'give a use of an enrolment token back',
    `update enrollment_token set used = 0`,
    'enrollment_token_used_rises',
  ],
  [
    'allow an enrolment token more uses',
    `update enrollment_token set uses = 9`,
    'enrollment_token_immutable',
  ],
  ['give a computer another key', `update device set dik = 'x'`, 'device_immutable'],
  ['give a computer an older epoch', `update device set epoch = 2`, 'device_epoch_rises'],
  ['lower the counter of a computer', `update device set last_counter = 4`, 'device_counter_rises'],
  [
    'revoke a computer without saying when',
    `update device set state = 'revoked'`,
    'device_revoked_says_when',
  ],
  [
    'an unknown state of a computer',
    `update device set state = 'asleep'`,
    /device_state_known|device_state_move/,
  ],
  ['remove a computer', `delete from device`, 'device_never_deleted'],
  ['number a user anew', `update device_user set slot = 3`, 'device_user_immutable'],
  [
    'two users with one number',
    `insert into device_user values ('${device}', 'uid:2:b', 'b', 0, 1)`,
    /device_user_slot_once|unique:device_user.device_id/,
  ],
  [
    'a user number beyond the table',
    `insert into device_user values ('${device}', 'uid:2:b', 'b', 14, 1)`,
    'device_user_slot_range',
  ],
  ['change a message', `update device_message set body = 'x'`, 'device_message_immutable'],
  ['undo that a message was acted on', `update device_message set done_at = null`, 'device_message_set_once'],
  [
    'change settings that were in force',
    `update settings_version set body = 'x'`,
    'settings_version_append_only',
  ],
  ['change a signed policy', `update device_policy set jws = 'x'`, 'device_policy_append_only'],
  [
    'publish a lower serial',
    `insert into device_policy values ('${device}', 4, 0, '[]', 'jws', 1)`,
    'device_policy_serial_rises',
  ],
  [
    'a request that starts approved',
    `insert into request values ('${id(8)}', '${device}', 'approved', 'network', '${id(9)}', 'C', 2, 0, 1, 'u', 'a', 'session', 'r', 5, null, 1, 2, 3)`,
    'request_starts_pending',
  ],
  [
    'a counter twice',
    `insert into request values ('${id(8)}', '${device}', 'pending', 'network', '${id(9)}', 'C', 1, 0, 1, 'u', 'a', 'session', 'r', 5, null, 1, 2, null)`,
    /request_counter_once|unique:request.device_id/,
  ],
  ['a request for another user', `update request set user_id = 'root'`, 'request_immutable'],
  ['another reason afterwards', `update request set reason = 'better'`, 'request_set_once'],
  ['close a request without a time', `update request set state = 'denied'`, 'request_ended_when_over'],
  ['remove a request', `delete from request`, 'request_never_deleted'],
  ['change who agreed', `update approval set approver = 'person:9'`, 'approval_immutable'],
  ['change for how long', `update approval set minutes = 600`, 'approval_immutable'],
  ['give out anew', `update approval set issued_at = 9`, 'approval_set_once'],
  [
    'decide twice',
    `insert into approval values ('${id(8)}', '${id(4)}', 'denied', 'network', 'p', 'O', 1, null, null, '', null, null)`,
    /approval_once|unique:approval.request_id/,
  ],
  ['remove a decision', `delete from approval`, 'approval_never_deleted'],
  ['end a session without saying how', `update session set state = 'ended'`, 'session_ended_says_how'],
  [
    'an unknown way to end',
    `update session set state = 'ended', ${endedHow}'bored', proven = 1`,
    'session_end_reason_known',
  ],
  ['lengthen a session', `update session set ends_at = 99`, 'session_immutable'],
  [
    'a session that starts ended',
    `insert into session values ('${id(8)}', '${device}', '${id(5)}', 'ended', 'u', 'a', 'session', 'answer-token', 1, 2, 1, 'r', 0, 'complete', 0, 1, 'expired', 1, null, null, 'r')`,
    'session_starts_live',
  ],
  [
    'rename a program that ran',
    `update session_process set program = '/bin/true'`,
    'session_process_immutable',
  ],
  ['end a process twice', `update session_process set ended_at = 9`, 'session_process_set_once'],
  ['say that other things were denied', `update session set denying = 'all'`, 'session_denying_stays'],
  [
    'forget that a secret was taken out',
    `update session_process set redacted = redacted + 1`,
    'session_process_redacted_stays',
  ],
  [
    'rename a program that was denied',
    `update session_denied set program = '/bin/true'`,
    'session_denied_append_only',
  ],
  ['remove a denied start', `delete from session_denied`, 'session_denied_never_deleted'],
  [
    'one fact as two denied starts',
    `insert into session_denied values ('${id(7)}', 1, 2, 2, 0, 'p', null, '[]', 0, 0, null, 0)`,
    /session_denied_seq|unique:session_denied.session_id/,
  ],
  [
    'a denied start in no session',
    `insert into session_denied values ('${id(8)}', 1, 1, 1, 0, 'p', null, '[]', 0, 0, null, 0)`,
    /session_denied_session|foreign-key/,
  ],
  [
    'compare a session twice',
    `insert into session_comparison values ('${id(7)}', 2, '[]', 0)`,
    /session_comparison_once|unique:session_comparison.session_id/,
  ],
  ['take a comparison back', `delete from session_comparison`, 'session_comparison_never_deleted'],
  [
    'claim that everything was read',
    `update session_comparison set unread = '[]'`,
    'session_comparison_append_only',
  ],
  ['undo a change afterwards', `update session_change set undone = 'undone'`, 'session_change_append_only'],
  ['remove a change', `delete from session_change`, 'session_change_never_deleted'],
  [
    'a change of an unknown kind',
    `insert into session_change values ('${id(7)}', 1, 'weather', 'w', null, null, null, 'not-asked')`,
    'session_change_kind_known',
  ],
  [
    'a change that was half undone',
    `insert into session_change values ('${id(7)}', 1, 'account', 'w', null, null, null, 'half')`,
    'session_change_undone_known',
  ],
  [
    'a change of a session that was not compared',
    `insert into session_change values ('${id(8)}', 1, 'account', 'w', null, null, null, 'undone')`,
    /session_change_comparison|foreign-key/,
  ],
  ['remove a gap', `delete from session_gap`, 'session_gap_never_deleted'],
  ['change a line of a timeline', `update session_fact set text = 'nothing'`, 'session_fact_append_only'],
  ['change a journal', `update journal_entry set body = '{}x'`, 'journal_entry_append_only'],
  ['remove from a journal', `delete from journal_entry`, 'journal_entry_never_deleted'],
  [
    'leave a number of a journal out',
    `insert into journal_entry values ('${device}', 3, 'boot', 1, 1, 'h', 'l2', 's', '{}', null)`,
    'journal_entry_joins',
  ],
  [
    'a journal of no computer',
    `insert into journal_entry values ('nobody', 0, 'boot', 1, 1, 'h', 'l2', 's', '{}', null)`,
    /journal_entry_device|foreign-key/,
  ],
]

/** Legal moves and then the illegal one. */
const afterwards: readonly (readonly [what: string, legal: string, statement: string, rule: string])[] = [
  [
    'open a closed request again',
    `update request set state = 'denied', ended_at = 1`,
    `update request set state = 'pending'`,
    'request_state_move',
  ],
  [
    'turn a denial into an approval',
    `update request set state = 'denied', ended_at = 1`,
    `update request set state = 'approved'`,
    'request_state_move',
  ],
  [
    'bring a revoked computer back',
    `update device set state = 'revoked', revoked_at = 1`,
    `update device set state = 'enrolled'`,
    'device_state_move',
  ],
  [
    'let a session live again',
    `update session set state = 'ended', ${endedHow}'expired', proven = 1`,
    `update session set state = 'live'`,
    'session_state_move',
  ],
  [
    'bring a dropped body back',
    `update ledger set ${droppedFact} where seq = 0`,
    `update ledger set actor = 'a', subject = 's', body = '{}', salt = 's', dropped_at = null where seq = 0`,
    'ledger_append_only',
  ],
  [
    'bring a dropped body of a journal back',
    `update journal_entry set salt = null, body = null, dropped_at = 2 where seq = 0`,
    `update journal_entry set salt = 's', body = '{}', dropped_at = null where seq = 0`,
    'journal_entry_append_only',
  ],
  [
    'end a session otherwise',
    `update session set state = 'ended', ${endedHow}'expired', proven = 0`,
    `update session set proven = 1`,
    'session_set_once',
  ],
]

onEachEngine((open) => {
  const run = (db: Database, statement: string) => sql.raw(statement).execute(db.read)
  const filled = async () => {
    const db = await open()
    for (const row of rows) await run(db, row)
    return db
  }
  const brokenBy = async (db: Database, statement: string) => {
    try {
      await run(db, statement)
    } catch (error) {
      return ruleOf(error)
    }
    return 'nobody'
  }
  const names = (rule: string | RegExp, said: string | null) =>
    typeof rule === 'string' ? assert.equal(said, rule) : assert.match(String(said), rule)

  describe('EVID-7: the database says no', async () => {
    let shared: Database | null = null
    for (const [what, statement, rule] of illegal)
      test(`to this: ${what}`, async () => {
        shared ??= await filled()
        names(rule, await brokenBy(shared, statement))
      })
    for (const [what, legal, statement, rule] of afterwards)
      test(`to this: ${what}`, async () => {
        const db = await filled()
        await run(db, legal)
        names(rule, await brokenBy(db, statement))
      })
  })

  test('EVID-2: a fact and its row are both there, or neither', async () => {
    const db = await filled()
    await assert.rejects(
      db.write(async (tx) => {
        await tx.q.updateTable('person').set({ name: 'New' }).where('id', '=', id(2)).execute()
        await tx.q.updateTable('ledger').set({ actor: 'me' }).execute()
      }),
      (error) => ruleOf(error) === 'ledger_append_only',
    )
    const row = await db.read
      .selectFrom('person')
      .select('name')
      .where('id', '=', id(2))
      .executeTakeFirstOrThrow()
    assert.equal(row.name, 'V')
  })

  test('an effect runs after the commit, and not after a rollback', async () => {
    const db = await open()
    const seen: string[] = []
    await db.write(async (tx) => tx.afterCommit(() => seen.push('committed')))
    await assert.rejects(
      db.write(async (tx) => {
        tx.afterCommit(() => seen.push('rolled back'))
        throw new Error('no')
      }),
      /no/,
    )
    assert.deepEqual(seen, ['committed'])
  })

  test('two writers at once do not read past each other', async () => {
    const db = await filled()
    const raise = () =>
      db.write(async (tx) => {
        const { failures } = (await tx.q
          .selectFrom('sign_in_pause')
          .select('failures')
          .executeTakeFirst()) ?? { failures: 0 }
        await tx.q.deleteFrom('sign_in_pause').execute()
        await tx.q
          .insertInto('sign_in_pause')
          .values({ key: 'k', failures: failures + 1, last_at: 1 })
          .execute()
      })
    await Promise.all(Array.from({ length: 20 }, raise))
    const row = await db.read.selectFrom('sign_in_pause').select('failures').executeTakeFirstOrThrow()
    assert.equal(row.failures, 20)
  })
})
