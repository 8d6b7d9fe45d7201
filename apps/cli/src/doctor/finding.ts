/**
 * `broken`: rights cannot be given, cannot be ended or leave no record. `weak`: it works, at a cost that is said.
 * `unseen`: this account may not look, or nothing here tells.
 */
export type State = 'good' | 'weak' | 'broken' | 'unseen'

/** What one look at this computer gave, in words for a person. */
export interface Finding {
  /** One or two words. */
  readonly check: string
  readonly state: State
  /** What there is. */
  readonly found: string
  /** What that costs this person or the organisation; empty where it costs nothing. */
  readonly means: string
  /** What to do; empty where nothing is to be done. */
  readonly next: string
}

export function good(check: string, found: string): Finding {
  return { check, state: 'good', found, means: '', next: '' }
}

export function weak(check: string, found: string, means: string, next: string): Finding {
  return { check, state: 'weak', found, means, next }
}

export function broken(check: string, found: string, means: string, next: string): Finding {
  return { check, state: 'broken', found, means, next }
}

const asRoot = 'Look again as root: `sudo stint doctor`.'

export function unseen(check: string, found: string, next = asRoot): Finding {
  return { check, state: 'unseen', found, means: '', next }
}
