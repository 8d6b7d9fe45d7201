import type { ChangeKind, Mode } from './vocabulary.ts'

/** Where a user finds somebody entitled to agree. Empty strings mean: not offered. */
export interface Contacts {
  readonly email: string
  /** Address of the ticket system. */
  readonly link: string
  readonly telephone: string
}

/**
 * Which programs may start with raised rights. Every given member of `match` must fit; at least one is given. Deny
 * wins over allow, in whatever order they stand.
 */
export type ProgramRule = {
  /** 1 to 64 characters of `a-z 0-9 . -`; recorded with every start that the rule decides. */
  readonly id: string
  readonly effect: 'deny' | 'allow'
  readonly match: {
    /** Absolute path; `*` is any run of characters without `/`, `**` any run. */
    readonly path?: string
    /** Of the file's content, lower-case hex. */
    readonly sha256?: string
    /** Name of the account that owns the file. */
    readonly owner?: string
    /** Name of the operating system's package that installed the file. */
    readonly package?: string
  }
  /** For the person whose program did not start: why, and whom to ask. */
  readonly note: string
}

export type ProgramPolicy = {
  /** What no rule decides. */
  readonly otherwise: 'allow' | 'deny'
  readonly rules: readonly ProgramRule[]
}

/** What an administrator decides for the computers of a policy group. */
export interface PolicySettings {
  /** Codes by telephone. Off until somebody switches them on. */
  readonly offlineCodes: boolean
  readonly modes: readonly Mode[]
  readonly minutesDefault: number
  /** No grant lasts longer, whoever agreed to it. */
  readonly minutesCeiling: number
  readonly reasonMinLength: number
  readonly reasonMaxLength: number
  readonly ticketRequired: boolean
  /** End every elevated process when rights end, unless the answer says otherwise. */
  readonly endProcesses: boolean
  /** Between the warning and the end of processes. */
  readonly graceSeconds: number
  /** A pending request runs out after this. */
  readonly answerByMinutes: number
  /** An answer must be entered this long after it was given. */
  readonly startByMinutes: number
  readonly contacts: Contacts
  readonly programs: ProgramPolicy
  /**
   * Command line patterns whose `{secret}` is replaced before anything is written: one word, or a word and the one
   * after it. `*` is any run of characters. At most 100.
   */
  readonly redact: readonly string[]
  /** What a session changed of these kinds is put back when it ends. */
  readonly undo: readonly ChangeKind[]
}

/** Product defaults: nothing granted, nothing offline, short. */
export const defaultPolicy: PolicySettings = {
  offlineCodes: false,
  modes: ['session'],
  minutesDefault: 15,
  minutesCeiling: 240,
  reasonMinLength: 10,
  reasonMaxLength: 250,
  ticketRequired: false,
  endProcesses: true,
  graceSeconds: 60,
  answerByMinutes: 24 * 60,
  startByMinutes: 60,
  contacts: { email: '', link: '', telephone: '' },
  programs: { otherwise: 'allow', rules: [] },
  redact: [
    '--password={secret}',
    '--password {secret}',
    '--passwd={secret}',
    '--passwd {secret}',
    '--token={secret}',
    '--token {secret}',
    '--secret={secret}',
    '--secret {secret}',
    '--api-key={secret}',
    '--api-key {secret}',
    '*PASSWORD={secret}',
    '*SECRET={secret}',
    '*TOKEN={secret}',
    '*://*:{secret}@*',
  ],
  undo: [],
}

/** One user of one computer, as both sides number him in request codes. Slots 0 to 13. */
export interface UserSlot {
  readonly slot: number
  /** `uid:<n>:<name>`, `upn:…` or `sid:…`. */
  readonly userId: string
}

/** The signed policy of one computer. A lower serial never replaces a higher one. */
export interface DevicePolicy extends PolicySettings {
  readonly v: 1
  /** Tenant, 32 hex digits. */
  readonly iss: string
  /** Device id, 32 hex digits. */
  readonly dev: string
  /** Per device, unsigned 32 bits, rising. */
  readonly serial: number
  /** Seconds since 1970. */
  readonly iat: number
  readonly users: readonly UserSlot[]
}

/** The effective length of a grant in seconds: never above the ceiling. */
export function grantedSeconds(
  answeredSeconds: number,
  policy: Pick<PolicySettings, 'minutesCeiling'>,
): number {
  return Math.min(answeredSeconds, policy.minutesCeiling * 60)
}
