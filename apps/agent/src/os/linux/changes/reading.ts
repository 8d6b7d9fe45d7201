import { createHash } from 'node:crypto'
import type { ChangeKind, SystemItem, UnreadPlace } from '../../os.ts'

/** What one kind of thing looks like now: every reader adds to it. */
export class Reading {
  readonly items: SystemItem[] = []
  readonly unread: UnreadPlace[] = []
  readonly kind: ChangeKind

  constructor(kind: ChangeKind) {
    this.kind = kind
  }

  add(what: string, state: string, more: Partial<Omit<SystemItem, 'kind' | 'what' | 'state'>> = {}): void {
    this.items.push({ kind: this.kind, what, state, mark: state, atMs: null, ...more })
  }

  /** Nothing is there: that is an answer. Everything else that fails is a place that was not read. */
  missed(place: string, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'ENOENT' || code === 'ENOTDIR') return
    this.unread.push({ kind: this.kind, why: `${place} could not be read (${code}).` })
  }
}

export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** As people know it: `0644`. */
export function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`
}
