import { sqlCheck } from '@stint/elevation'

/** Life of a computer in the issuer: `offered` until it confirms that it holds the same key. */
export const keyHolderStates = ['offered', 'enrolled', 'revoked'] as const
export type KeyHolderState = (typeof keyHolderStates)[number]

/** `pending` until the computer confirms; `spent` only inside the transaction that deletes it. */
export const codeKeyStates = ['current', 'pending', 'spent'] as const
export type CodeKeyState = (typeof codeKeyStates)[number]

/** One key each. `server-log` signs the ledger and what is exported from it. */
export const signingUses = ['answer', 'policy', 'server-log'] as const
export type SigningUse = (typeof signingUses)[number]

/** What the record can say. Every call that gives something out or changes who holds a key. */
export const recordedCalls = [
  'issuer.made',
  'token.create',
  'token.revoke',
  'enrol',
  'enrol.confirm',
  'heal',
  'heal.confirm',
  'device.revoke',
  'answer.code',
  'answer.token',
  'sign.policy',
  'sign.export',
] as const
export type RecordedCall = (typeof recordedCalls)[number]

const ids = (column: string) => `${column} blob not null check (length(${column}) = 16)`
const hash = (column: string) => `${column} blob not null check (length(${column}) = 32)`

/** Refuses an update that changes one of `columns`. */
function immutable(table: string, columns: readonly string[]): string {
  return `create trigger ${table}_immutable before update on ${table}
    when ${columns.map((column) => `new.${column} is not old.${column}`).join(' or ')}
    begin select raise(abort, '${table}: an immutable column was changed'); end;`
}

function never(table: string, what: 'update' | 'delete', rule: string): string {
  return `create trigger ${table}_no_${what} before ${what} on ${table} begin select raise(abort, '${rule}'); end;`
}

const record = `
create table record (
  seq integer primary key,
  at integer not null,
  call text not null check (${sqlCheck('call', recordedCalls)}),
  device_id blob check (length(device_id) = 16),
  approver text,
  approval_id text,
  counted integer not null check (counted in (0, 1)),
  body text not null check (json_valid(body)),
  ${hash('prev')},
  ${hash('hash')}
) strict;
create index record_by_approver on record (approver, at) where counted = 1;
create index record_by_device on record (device_id, at) where counted = 1;
create index record_by_time on record (at) where counted = 1;
create unique index record_counts_an_approval_once on record (approval_id) where counted = 1;
create index record_by_approval on record (approval_id) where approval_id is not null;
create trigger record_continues before insert on record
  when new.seq is not (select coalesce(max(seq), 0) + 1 from record)
    or new.prev is not coalesce((select hash from record order by seq desc limit 1), zeroblob(32))
  begin select raise(abort, 'record: a row must continue the last one'); end;
${never('record', 'update', 'record: append-only')}
${never('record', 'delete', 'record: append-only')}`

const identity = `
create table issuer (
  one integer primary key check (one = 1),
  ${ids('tenant')},
  trust text not null check (json_valid(trust))
) strict;
${never('issuer', 'update', 'issuer: its identity never changes')}
${never('issuer', 'delete', 'issuer: its identity never changes')}
create table signing_key (
  kid text primary key,
  use text not null unique check (${sqlCheck('use', signingUses)}),
  ${hash('public')},
  expires_at integer not null,
  kek_version integer not null,
  sealed blob not null
) strict;
${immutable('signing_key', ['kid', 'use', 'public', 'expires_at'])}
${never('signing_key', 'delete', 'signing_key: kept as long as what it signed')}`

const tokens = `
create table enrollment_token (
  token_id blob primary key check (length(token_id) = 16),
  expires_at integer not null,
  uses integer not null check (uses > 0),
  used integer not null default 0 check (used between 0 and uses),
  revoked_at integer,
  kek_version integer,
  sealed blob,
  check ((kek_version is null) = (sealed is null))
) strict;
${immutable('enrollment_token', ['token_id', 'expires_at', 'uses'])}
create trigger enrollment_token_moves before update on enrollment_token
  when new.used not in (old.used, old.used + 1)
    or (old.revoked_at is not null and new.revoked_at is not old.revoked_at)
    or (old.revoked_at is not null and new.used > old.used)
    or (old.sealed is null and new.sealed is not null)
  begin select raise(abort, 'enrollment_token: a use is never given back, nor a secret'); end;
${never('enrollment_token', 'delete', 'enrollment_token: kept with its use count')}`

const devices = `
create table device (
  device_id blob primary key check (length(device_id) = 16),
  dev_no integer not null unique check (dev_no between 1 and 4194303),
  token_id blob not null references enrollment_token (token_id),
  ${hash('dik')},
  ${hash('dxk')},
  hello_hash blob not null unique check (length(hello_hash) = 32),
  state text not null check (${sqlCheck('state', keyHolderStates)}),
  changed_at integer not null,
  policy_serial integer not null default 0,
  policy_hash blob check (length(policy_hash) = 32)
) strict;
create index device_offered on device (token_id) where state = 'offered';
${immutable('device', ['device_id', 'dev_no', 'token_id', 'dik', 'dxk', 'hello_hash'])}
create trigger device_moves before update of state on device
  when new.state is not old.state
    and not (old.state = 'offered' or (old.state = 'enrolled' and new.state = 'revoked'))
  begin select raise(abort, 'device: offered, enrolled, revoked, in this order'); end;
create trigger device_serial before update on device
  when new.policy_serial < old.policy_serial
    or (new.policy_serial = old.policy_serial and new.policy_hash is not old.policy_hash)
  begin select raise(abort, 'device: a policy serial never falls and never means two things'); end;
create trigger device_kept before delete on device
  when old.state is not 'offered'
  begin select raise(abort, 'device: kept, so that its number is not used again'); end;`

const codeKeys = `
create table code_key (
  device_id blob not null references device (device_id),
  epoch integer not null check (epoch between 0 and 4294967295),
  state text not null check (${sqlCheck('state', codeKeyStates)}),
  ${hash('hello_hash')},
  ${hash('e_s')},
  ${ids('n_s')},
  ${hash('confirm_s')},
  sig_s blob not null check (length(sig_s) = 64),
  ${hash('confirm_d_hash')},
  kek_version integer not null,
  sealed blob not null,
  primary key (device_id, epoch)
) strict;
create unique index code_key_one_current on code_key (device_id) where state = 'current';
create unique index code_key_one_pending on code_key (device_id) where state = 'pending';
${immutable('code_key', ['device_id', 'epoch', 'hello_hash', 'e_s', 'n_s', 'confirm_s', 'sig_s', 'confirm_d_hash'])}
create trigger code_key_made before insert on code_key
  when not exists (
    select 1 from device where device_id = new.device_id and (
      (state = 'offered' and new.state = 'current' and new.epoch = 0) or
      (state = 'enrolled' and new.state = 'pending' and new.epoch = 1 + (
        select epoch from code_key where device_id = new.device_id and state = 'current'))))
  begin select raise(abort, 'code_key: epoch 0 at enrolment, then the next one by a heal'); end;
create trigger code_key_moves before update of state on code_key
  when new.state is not old.state
    and not (old.state = 'pending' and new.state = 'current')
    and not (old.state = 'current' and new.state = 'spent')
  begin select raise(abort, 'code_key: pending, current, spent, in this order'); end;
create trigger code_key_in_force before delete on code_key
  when old.state = 'current'
    and exists (select 1 from device where device_id = old.device_id and state = 'enrolled')
  begin select raise(abort, 'code_key: the key in force of an enrolled computer is not deleted'); end;`

/** What was signed of the ledger: each size once, and only larger ones after it. */
const checkpoints = `
create table checkpoint (
  size integer primary key check (size > 0),
  ${hash('root')},
  at integer not null
) strict;
create trigger checkpoint_rises before insert on checkpoint
  when new.size <= (select coalesce(max(size), 0) from checkpoint)
  begin select raise(abort, 'checkpoint: a log signs no second root for a size, and no smaller size'); end;
${never('checkpoint', 'update', 'checkpoint: append-only')}
${never('checkpoint', 'delete', 'checkpoint: append-only')}`

/** Version 2 of the issuer's database, one statement list. Rules are named in the words of their trigger. */
export const schema = [record, identity, tokens, devices, codeKeys, checkpoints].join('\n')
export const schemaVersion = 2
