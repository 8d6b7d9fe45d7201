/** What is to go wrong, and where: agreed between a test and the agent that it starts. */

export const diskErrors = ['ENOSPC', 'EIO', 'EROFS'] as const
export type DiskError = (typeof diskErrors)[number]

/**
 * `kill`: the process dies by SIGKILL before the step. `kill-after`: when it has taken effect. `kill-torn`: when half
 * of the bytes are written. An error: the step fails with it, a write after half of its bytes.
 */
export type Fault = 'kill' | 'kill-after' | 'kill-torn' | DiskError

export interface FaultPlan {
  /** Counted from 1 in the life of this process, since the last `plan`. */
  readonly step: number
  readonly fault: Fault
  /** An error comes at every step from this one on, until the next plan. */
  readonly lasting: boolean
}

/** One change of a file: what the kernel is asked for. */
export type StepKind =
  | 'mkdir'
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'unlink'
  | 'sync-folder'

export interface Step {
  readonly kind: StepKind
  /** Name of the file. */
  readonly file: string
}
