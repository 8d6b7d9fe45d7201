/** Between agent and guard: JSON, one message per line; orders go in, what happened comes out. */
import type { ProgramPolicy } from '@stint/elevation'
import type { DeniedStart } from '../deny.ts'

/** A file that a deny rule names, so that other names and copies of it are known. */
export interface NamedFile {
  readonly file: string
  /** What the rule calls it; another name when `file` is what a link leads to. */
  readonly asPath: string
  readonly size: number
  /** Null where the content was not read (too much in all): then copies are not recognised. */
  readonly sha256: string | null
}

/** One session's rules, everything in them looked up that needs a name service or a package database. */
export interface GuardOrder {
  readonly uid: number
  /** End of the path of the session's process group. */
  readonly group: string
  /** Paths without links in their folders; owners as `#<uid>`. */
  readonly policy: ProgramPolicy
  readonly named: readonly NamedFile[]
  /** Package by path, of the packages that rules name; null when this computer's packages are not known. */
  readonly packages: Readonly<Record<string, string>> | null
  /** The parts of Stint that sudo itself starts: without them nobody is raised, whatever the rules say. */
  readonly helpers: readonly Helper[]
}

/** Exempt as long as it is what was installed. */
export interface Helper {
  readonly file: string
  readonly sha256: string
}

export type ToGuard =
  | { readonly kind: 'orders'; readonly serial: number; readonly orders: readonly GuardOrder[] }
  | { readonly kind: 'ping' }

/** Null for what is no whole message: a guard that is killed leaves the beginning of one. */
export function readFromGuard(line: string): FromGuard | null {
  try {
    return JSON.parse(line) as FromGuard
  } catch {
    return null
  }
}

export type FromGuard =
  /** `unwatched`: mount points of which the kernel does not ask. */
  | { readonly kind: 'armed'; readonly serial: number; readonly unwatched: readonly string[] }
  | { readonly kind: 'failed'; readonly serial: number; readonly why: string }
  | { readonly kind: 'pong' }
  | DeniedStart
  | { readonly kind: 'untold'; readonly count: number; readonly atMs: number }
