import type { Credential } from '@stint/elevation'

/** What an answer that was verified grants, before the ceiling of this computer. */
export interface Answer {
  readonly credential: Credential
  readonly answeredSeconds: number
  readonly endProcesses: boolean
  /** 0 is the only one that a policy lists now. */
  readonly profile: number
  /** Identity of the answer token, null for a spoken code. */
  readonly jti: string | null
}
