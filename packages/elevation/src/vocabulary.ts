/**
 * Every closed vocabulary of the product, each written once. From a list come its type, its guard, the SQL check
 * of its column and the label on screen; there is no second list anywhere that must agree with one of these.
 */

/** Turns a list into a guard for values from outside. */
export function isOneOf<const T extends readonly string[]>(list: T, value: unknown): value is T[number] {
  return typeof value === 'string' && (list as readonly string[]).includes(value)
}

/** `column in ('a', 'b')`: the database's half of the same list. */
export function sqlCheck(column: string, list: readonly string[]): string {
  return `${column} in (${list.map((word) => `'${word}'`).join(', ')})`
}

/** What is raised: the account for a while, or chosen programs only. */
export const modes = ['session', 'application'] as const
export type Mode = (typeof modes)[number]

/** What the agent accepts as proof that somebody entitled to agree has agreed. */
export const credentials = [
  'response-code',
  'answer-token',
  'passcode',
  'emergency-code',
  'self-approval',
] as const
export type Credential = (typeof credentials)[number]

/** `pending` is the only state that anything can still leave. */
export const requestStates = ['pending', 'approved', 'denied', 'withdrawn', 'expired', 'void'] as const
export type RequestState = (typeof requestStates)[number]

/** How a request reached the server. */
export const requestSources = ['network', 'code'] as const
export type RequestSource = (typeof requestSources)[number]

export const sessionStates = ['live', 'ended'] as const
export type SessionState = (typeof sessionStates)[number]

/** Why rights went down. `lowering-abandoned` is the honest name of giving up, never a clean end. */
export const endReasons = [
  'expired',
  'ended-by-user',
  'ended-by-administrator',
  'logoff',
  'reboot',
  'clock-tampering',
  'policy-change',
  'removed-elsewhere',
  'account-gone',
  'denial-lost',
  'raise-failed',
  'lowering-abandoned',
] as const
export type EndReason = (typeof endReasons)[number]

/** What the server knows about a session's recording. */
export const completeness = ['complete', 'incomplete', 'not-yet-reported'] as const
export type Completeness = (typeof completeness)[number]

/** `suspended`: two computers claim to be this one; both are held until an administrator looks. */
export const deviceStates = ['enrolled', 'revoked', 'suspended'] as const
export type DeviceState = (typeof deviceStates)[number]

export const roles = ['owner', 'administrator', 'approver', 'auditor', 'viewer'] as const
export type Role = (typeof roles)[number]

/** How the approver made sure who is calling; kept as evidence. */
export const callerChecks = [
  'called-back',
  'number-match',
  'manager-confirmed',
  'in-person',
  'known-voice',
] as const
export type CallerCheck = (typeof callerChecks)[number]

/** What of a computer is compared before and after a session. */
export const changeKinds = [
  'administrator',
  'account',
  'ssh-key',
  'sudoers',
  'polkit',
  'pam',
  'service',
  'scheduled-job',
  'set-uid',
  'file-capability',
  'kernel-module',
] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Facts of a device, in its journal (spec: evidence, event types). */
export const journalTypes = [
  'boot',
  'request.created',
  'request.void',
  'code.wrong',
  'grant.admitted',
  'session.start',
  'session.end',
  'session.still-raised',
  'process.elevated',
  'process.ended',
  'process.denied',
  'recording.gap',
  'system.changed',
  'rights.changed-elsewhere',
  'policy.applied',
  'key.healed',
  'clock.jump',
  'seal.rotate',
  'receipt',
] as const
export type JournalType = (typeof journalTypes)[number]

/** Facts of the server, in its ledger. */
export const ledgerTypes = [
  'owner.created',
  'person.invited',
  'person.joined',
  'person.changed',
  'person.signed-in',
  'person.sign-in-refused',
  'api-token.created',
  'api-token.revoked',
  'enrollment-token.created',
  'enrollment-token.revoked',
  'device.enrolled',
  'device.log-key',
  'device.checkpoint',
  'device.revoked',
  'device.suspended',
  'device.released',
  'device.healed',
  'policy.changed',
  'request.received',
  'request.resolved',
  'caller.checked',
  'request.decided',
  'code.issued',
  'request.ended',
  'session.started',
  'session.end-asked',
  'session.ended',
  'journal.refused',
  'finding.made',
  'finding.acknowledged',
  'people-data.exported',
  'report-schedule.created',
  'report-schedule.changed',
  'report-schedule.deleted',
  'report.delivered',
  'sink.created',
  'sink.changed',
  'sink.deleted',
] as const
export type LedgerType = (typeof ledgerTypes)[number]

export const reportNames = [
  'usage',
  'processes',
  'requests',
  'programs',
  'denied',
  'effective-policy',
  'computers',
] as const
export type ReportName = (typeof reportNames)[number]

export const exportFormats = ['csv', 'json'] as const
export type ExportFormat = (typeof exportFormats)[number]

/**
 * `sent`: the mail server or the folder has it. `waiting`: not yet, or again later. `sending`: now. `failed`: given up.
 * `uncertain`: the server or the connection stopped in the middle; it may have arrived, so it is not sent again by itself.
 */
export const deliveryStates = ['waiting', 'sending', 'sent', 'failed', 'uncertain'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** Where facts of the ledger are sent to. */
export const sinkKinds = ['syslog', 'webhook', 'otlp', 'file'] as const
export type SinkKind = (typeof sinkKinds)[number]

/** `ok`: has everything. `behind`: is being sent more. `failing`: did not take the last ones. `paused`: by a person. */
export const sinkStates = ['ok', 'behind', 'failing', 'paused'] as const
export type SinkState = (typeof sinkStates)[number]
