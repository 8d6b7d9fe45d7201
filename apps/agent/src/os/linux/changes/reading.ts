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

/** A name of a file. Bytes that are no text are written `\xNN`, and then it is not a name to be opened. */
export function nameText(bytes: Buffer): { readonly text: string; readonly isText: boolean } {
  const text = bytes.toString('utf8')
  if (Buffer.from(text, 'utf8').equals(bytes)) return { text, isText: true }
  const escaped = bytes.toString('latin1').replace(/[^\x20-\x7e]/g, (byte) => {
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return { text: escaped, isText: false }
}

/** As people know it: `0644`. */
export function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`
}
