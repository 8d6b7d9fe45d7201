import type { ChangeKind, Clock, RestoreOrder, SnapshotOrder, SystemItem, SystemSnapshot } from '../os.ts'

/** What of a computer in memory can outlast a session. */
export class FakeSystem {
  /** Kinds that cannot be read. */
  readonly unreadable = new Set<ChangeKind>()
  /** Kinds that stay as they are, whatever is done about it. */
  readonly stubborn = new Set<ChangeKind>()
  /** While true, walks over the file systems do not come to an end. */
  walkHangs = false
  readonly #clock: Clock
  readonly #items = new Map<string, SystemItem>()
  #waiting: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Somebody changes something; null removes it. */
  change(kind: ChangeKind, what: string, state: string | null): void {
    const key = `${kind} ${what}`
    if (state === null) this.#items.delete(key)
    else this.#items.set(key, { kind, what, state, mark: state, atMs: this.#clock.now().wallMs })
  }

  state(kind: ChangeKind, what: string): string | null {
    return this.#items.get(`${kind} ${what}`)?.state ?? null
  }

  /** The walks that hang come to their end. */
  letWalk(): void {
    this.walkHangs = false
    for (const go of this.#waiting.splice(0)) go()
  }

  async snapshot({ part, copies }: SnapshotOrder): Promise<SystemSnapshot> {
    if (part === 'programs' && this.walkHangs) await new Promise<void>((go) => this.#waiting.push(go))
    const isProgram = (kind: ChangeKind): boolean => kind === 'set-uid' || kind === 'file-capability'
    const inPart = ({ kind }: { kind: ChangeKind }): boolean => isProgram(kind) === (part === 'programs')
    const items = [...this.#items.values()].filter(inPart).map((item) => {
      const content = Buffer.from(item.state).toString('base64')
      const copy = { mode: 0o644, uid: 0, gid: 0, content, link: null }
      return copies.includes(item.kind) ? { ...item, copy } : item
    })
    const unread = [...this.unreadable].map((kind) => ({ kind, why: `${kind} could not be read.` }))
    return {
      items: items.filter(({ kind }) => !this.unreadable.has(kind)),
      unread: unread.filter(inPart),
    }
  }

  async restore({ difference: { before, after } }: RestoreOrder): Promise<boolean> {
    const item = before ?? after
    if (item === null || this.stubborn.has(item.kind) || (before !== null && !before.copy)) return false
    this.change(item.kind, item.what, before?.state ?? null)
    return true
  }
}
