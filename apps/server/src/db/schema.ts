/**
 * Every table, once, for both engines. Times are integer milliseconds since 1970, UTC; flags are 0 or 1; lists and
 * records are JSON text. The slice named above a group is the only writer of its tables; views may read any.
 */
import type {
  CallerCheck,
  ChangeKind,
  Completeness,
  Credential,
  DeliveryState,
  DeviceState,
  EndReason,
  ExportFormat,
  FindingCode,
  FindingWord,
  LedgerType,
  Mode,
  ReportName,
  RequestSource,
  RequestState,
  Role,
  SessionState,
  SinkKind,
} from '@stint/elevation'

export type Flag = 0 | 1

// ledger
/** An entry of `spec/evidence.md`. Actor, subject and body are of people: null, with the salt, once they were dropped. */
export interface LedgerRow {
  seq: number
  at: number
  type: LedgerType
  actor: string | null
  subject: string | null
  header: string
  prev: string
  leaf: string
  salt: string | null
  /** JCS of `{actor, subject, …the fact}`. */
  body: string | null
  dropped_at: number | null
}
/** A whole subtree above the leaves: over `number * 2^level` and the `2^level - 1` that follow. */
export interface LedgerNodeRow {
  level: number
  number: number
  hash: string
}
export interface LedgerCheckpointRow {
  size: number
  root: string
  /** As the issuer signed it, without cosignatures. */
  note: string
  signed_at: number
}
export interface LedgerCosignatureRow {
  size: number
  /** Name of the witness's key. */
  witness: string
  line: string
  received_at: number
}

// people
export const personStates = ['invited', 'active', 'disabled'] as const
export type PersonState = (typeof personStates)[number]
export interface PersonRow {
  id: string
  email: string
  name: string
  role: Role
  state: PersonState
  password_hash: string | null
  created_at: number
  last_seen_at: number | null
}
export interface PersonLinkRow {
  token_hash: string
  person_id: string
  created_at: number
  expires_at: number
  used_at: number | null
}
export interface PersonSessionRow {
  token_hash: string
  person_id: string
  created_at: number
  seen_at: number
}
export interface SignInPauseRow {
  key: string
  failures: number
  last_at: number
}
export interface ApiTokenRow {
  id: string
  name: string
  rights: string
  secret_hash: string
  created_by: string
  created_at: number
  last_used_at: number | null
  expires_at: number | null
  revoked_at: number | null
}

// devices
export interface EnrollmentTokenRow {
  id: string
  created_by: string
  created_at: number
  expires_at: number
  uses: number
  used: number
  revoked_at: number | null
}
export interface PendingDeviceRow {
  id: string
  dev_no: number
  token_id: string
  dik: string
  dxk: string
  facts: string
  created_at: number
  /** vkey of the key that signs the first checkpoint of its journal. */
  log_key: string
  /** JSON of what proves it: the fact `device.log-key`. */
  log_key_fact: string
}
export interface DeviceRow {
  id: string
  dev_no: number
  token_id: string
  state: DeviceState
  dik: string
  dxk: string
  name: string
  facts: string
  epoch: number
  last_counter: number
  /** Serial of the policy that the computer said it applies; null before it has said so. */
  policy_serial: number | null
  last_seen_at: number | null
  enrolled_at: number
  revoked_at: number | null
  /** When the issuer said that the keys of a revoked computer are gone. */
  keys_erased_at: number | null
  /** vkey of the key that signs the first checkpoint of its journal. */
  log_key: string
}
export interface DeviceUserRow {
  device_id: string
  user_id: string
  name: string
  /** Number of this user in request codes; null beyond the fourteenth. */
  slot: number | null
  first_seen_at: number
}
export const messageTypes = ['answer', 'denial', 'policy', 'end-session', 'heal'] as const
export type MessageType = (typeof messageTypes)[number]
export interface DeviceMessageRow {
  device_id: string
  id: number
  type: MessageType
  /** What its being done is seen by: request id, session id, policy serial or epoch. */
  about: string
  body: string
  created_at: number
  done_at: number | null
}

// policies
export interface SettingsVersionRow {
  version: number
  changed_at: number
  changed_by: string
  body: string
}
export interface DevicePolicyRow {
  device_id: string
  serial: number
  settings_version: number
  users: string
  jws: string
  created_at: number
}

// requests
export interface RequestRow {
  id: string
  device_id: string
  state: RequestState
  source: RequestSource
  /** The id that the computer gave it; null while only its code is known. */
  device_request_id: string | null
  request_code: string
  counter: number
  epoch: number
  policy_serial: number
  user_id: string
  user_name: string
  mode: Mode
  reason: string | null
  minutes: number | null
  ticket: string | null
  created_at: number
  expires_at: number
  ended_at: number | null
}

// approvals
export const outcomes = ['approved', 'denied'] as const
export type DecisionOutcome = (typeof outcomes)[number]
export const carriers = ['network', 'telephone'] as const
export type Carrier = (typeof carriers)[number]
export interface ApprovalRow {
  id: string
  request_id: string
  outcome: DecisionOutcome
  carried: Carrier
  approver: string
  approver_name: string
  at: number
  minutes: number | null
  end_processes: Flag | null
  note: string
  caller_check: CallerCheck | null
  /** When an answer of this approval was first recorded as given out. */
  issued_at: number | null
}

/** An answer that was given out: once more each time that it was shown again. */
export interface IssuedAnswerRow {
  /** Of its fact `code.issued`. */
  ledger_seq: number
  device_id: string
  counter: number
  user_id: string
  form: AnswerForm
  /** Of an answer token; null of a code. */
  jti: string | null
  minutes: number
  at: number
  /** When the computer's journal said what became of it, or that it says nothing was found. */
  settled_at: number | null
}
export const answerForms = ['answer-token', 'response-code'] as const
export type AnswerForm = (typeof answerForms)[number]

// sessions
export interface SessionRow {
  id: string
  device_id: string
  device_request_id: string
  state: SessionState
  user_id: string
  user_name: string
  mode: Mode
  credential: Credential
  started_at: number
  ends_at: number
  end_processes: Flag
  recording: string
  was_administrator: Flag
  completeness: Completeness
  processes: number
  ended_at: number | null
  end_reason: EndReason | null
  proven: Flag | null
  still_running: string | null
  processes_reported: number | null
  /** What keeps denied programs from starting, as the computer says it. */
  denying: string
}
/** Where a session stands in its journal, from its grant to the seal behind its end. */
export interface SessionSpanRow {
  session_id: string
  device_id: string
  grant_seq: number
  end_seq: number | null
  /** How many gaps the computer counted itself; null until it reported the end. */
  gaps_reported: number | null
  /** Last entry of the first checkpoint behind the end. */
  seal_seq: number | null
  /** Whether this computer named the key that it seals with: only then a seal is waited for. */
  seals: Flag
  /** Whether a finding is about these numbers. */
  troubled: Flag
}
export interface SessionProcessRow {
  session_id: string
  /** Of its journal entry. */
  seq: number
  pid: number
  started_at: number
  parent_pid: number
  uid: number
  program: string
  args: string
  args_cut: Flag
  directory: string | null
  sha256: string | null
  ended_at: number | null
  exit_code: number | null
  signal: string | null
  /** Secrets that were taken out of `args` before anything was written. */
  redacted: number
}
export interface SessionGapRow {
  session_id: string
  seq: number
  from_at: number
  to_at: number
  cause: string
}
export interface SessionDeniedRow {
  session_id: string
  /** Of its journal entry. */
  seq: number
  at: number
  pid: number
  uid: number
  program: string
  sha256: string | null
  args: string
  args_cut: Flag
  redacted: number
  rule: string | null
  repeated: number
}
/** A session that was compared with what was before it. Its differences are rows of `session_change`. */
export interface SessionComparisonRow {
  session_id: string
  seq: number
  unread: string
  cut: Flag
}
export const undoOutcomes = ['not-asked', 'undone', 'failed'] as const
export type UndoOutcome = (typeof undoOutcomes)[number]
export interface SessionChangeRow {
  session_id: string
  /** From 0, in the order of the computer. */
  number: number
  kind: ChangeKind
  what: string
  before: string | null
  after: string | null
  at: number | null
  undone: UndoOutcome
}
export interface SessionFactRow {
  device_id: string
  seq: number
  device_request_id: string | null
  session_id: string | null
  at: number
  type: string
  text: string
}

// evidence
export interface JournalEntryRow {
  device_id: string
  seq: number
  type: string
  at: number
  received_at: number
  header: string
  leaf: string
  /** Null, with the body, once it was dropped. */
  salt: string | null
  body: string | null
  dropped_at: number | null
}
export interface JournalNodeRow extends LedgerNodeRow {
  device_id: string
}
/** What a computer signed: its key and its tree were right. */
export interface DeviceCheckpointRow {
  device_id: string
  size: number
  root: string
  note: string
  received_at: number
  /** How long its journal was, and the hash of its newest receipt, as it said itself; null where it did not. */
  length: number | null
  receipt: string | null
  /** Of its fact `device.checkpoint`; null where a newer one came with it. */
  ledger_seq: number | null
}
/** The text that was given for a checkpoint, byte for byte. */
export interface DeviceReceiptRow {
  device_id: string
  size: number
  hash: string
  text: string
  made_at: number
}
export interface FindingRow {
  id: string
  device_id: string
  code: FindingCode
  word: FindingWord
  /** Numbers of the journal that it is about, both included. */
  seq_from: number
  seq_to: number
  session_id: string | null
  found_at: number
  /** JSON. */
  details: string
  acknowledged_by: string | null
  acknowledged_at: number | null
  note: string | null
}
// What the checks look up, from bodies that may be dropped later.
export interface JournalBootRow {
  device_id: string
  boot: string
  /** Of the first entry of it. */
  seq: number
}
export interface JournalRequestRow {
  device_id: string
  seq: number
  request_id: string
  counter: number
  user_id: string
  at: number
  /** Of its `request.void`. */
  void_seq: number | null
}
export interface JournalGrantRow {
  device_id: string
  seq: number
  session_id: string
  counter: number
  credential: Credential
  granted_seconds: number
  start_seq: number | null
  start_boot: string | null
  start_up: number | null
}
export interface JournalReceiptRow {
  device_id: string
  seq: number
  hash: string
}

// reports
export interface ReportFilterRow {
  id: string
  owner_id: string
  report: ReportName
  name: string
  body: string
  shared: Flag
  created_at: number
  changed_at: number
}
export interface ReportScheduleRow {
  id: string
  name: string
  report: ReportName
  filter_id: string | null
  /** When, as `DueTime`. */
  due: string
  /** Where to, as `Target`. */
  target: string
  format: ExportFormat
  subject: string
  created_by: string
  created_at: number
  /** Null while it is switched off. */
  next_due_at: number | null
}
export interface ReportDeliveryRow {
  id: string
  schedule_id: string
  /** The local day that it was due, or `test` and an id. */
  period: string
  test: Flag
  from_at: number
  to_at: number
  due_at: number
  state: DeliveryState
  attempts: number
  last_error: string | null
  next_try_at: number | null
  /** When a server took it to send it. */
  taken_at: number | null
  sent_at: number | null
}

// Kept by the engine from the processes of sessions (program-figures.ts). Times are starts of sessions.
export interface ProgramRow {
  program: string
  starts: number
  first_at: number
  last_at: number
}
export interface ProgramDayRow {
  /** Days since 1970, UTC. */
  day: number
  program: string
  starts: number
}
interface ProgramSpan {
  program: string
  first_at: number
  last_at: number
}
export interface ProgramPersonRow extends ProgramSpan {
  user_id: string
}
export interface ProgramComputerRow extends ProgramSpan {
  device_id: string
}
export interface ProgramVariantRow extends ProgramSpan {
  /** Empty where the file could not be read. */
  sha256: string
}
export interface SessionProgramRow {
  session_id: string
  program: string
  starts: number
}

// sinks
/** A receiver of facts. */
export interface SinkRow {
  id: string
  kind: SinkKind
  name: string
  /** JSON; holds no secret. */
  target: string
  /** JSON list; null for all. */
  types: string | null
  /** Sealed. */
  secret: string | null
  paused: Flag
  /** Number of the next fact that it has not confirmed. */
  position: number
  created_by: string
  created_at: number
  last_sent_at: number | null
  /** In a row; 0 after one that was taken. */
  failures: number
  last_error: string | null
  next_try_at: number | null
  /** The server that sends to it, until when. */
  lease_by: string | null
  lease_until: number
}

export interface Schema {
  ledger: LedgerRow
  ledger_node: LedgerNodeRow
  ledger_checkpoint: LedgerCheckpointRow
  ledger_cosignature: LedgerCosignatureRow
  person: PersonRow
  person_link: PersonLinkRow
  person_session: PersonSessionRow
  sign_in_pause: SignInPauseRow
  api_token: ApiTokenRow
  enrollment_token: EnrollmentTokenRow
  pending_device: PendingDeviceRow
  device: DeviceRow
  device_user: DeviceUserRow
  device_message: DeviceMessageRow
  settings_version: SettingsVersionRow
  device_policy: DevicePolicyRow
  request: RequestRow
  approval: ApprovalRow
  issued_answer: IssuedAnswerRow
  session: SessionRow
  session_span: SessionSpanRow
  session_process: SessionProcessRow
  session_gap: SessionGapRow
  session_denied: SessionDeniedRow
  session_comparison: SessionComparisonRow
  session_change: SessionChangeRow
  session_fact: SessionFactRow
  journal_entry: JournalEntryRow
  journal_node: JournalNodeRow
  device_checkpoint: DeviceCheckpointRow
  device_receipt: DeviceReceiptRow
  finding: FindingRow
  journal_boot: JournalBootRow
  journal_request: JournalRequestRow
  journal_grant: JournalGrantRow
  journal_receipt: JournalReceiptRow
  report_filter: ReportFilterRow
  report_schedule: ReportScheduleRow
  report_delivery: ReportDeliveryRow
  sink: SinkRow
  program: ProgramRow
  program_day: ProgramDayRow
  program_person: ProgramPersonRow
  program_computer: ProgramComputerRow
  program_variant: ProgramVariantRow
  session_program: SessionProgramRow
}
