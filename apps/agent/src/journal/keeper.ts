import { join } from 'node:path'
import { deviceOrigin } from '@stint/chain'
import { jcs } from '@stint/code'
import { Fault } from '@stint/elevation'
import type { Disk } from '../config/disk.ts'
import { type AgentState, freshState, hasJournal, readState } from '../config/state.ts'
import type { Fact } from './fact.ts'
import type { Journal, JournalParts } from './journal.ts'
import { LogKeys } from './log-keys.ts'
import { SealedJournal } from './sealed-journal.ts'
import { damaged } from './segment.ts'

/** Makes `change` durable, and with it the facts that tell of it. */
export type Write = (change: Partial<AgentState>, facts?: readonly Fact[]) => Promise<void>

/**
 * Keeps state and journal in step: there is no fact without its change and no change without its fact. A change is
 * written together with the facts it owes; then they are appended; at the next start what is still owed is appended,
 * and what the journal has already is not appended twice.
 */
export class Keeper {
  readonly #disk: Disk
  readonly #path: string
  readonly #parts: KeeperParts
  readonly #logKeys: LogKeys
  #state: AgentState = freshState
  #journal: SealedJournal | null = null
  #journalOf: string | null = null
  #queue: Promise<unknown> = Promise.resolve()
  readonly #listeners = new Set<() => void>()
  #grew: () => void = () => undefined
  #running: Running = { now: () => ({}), undo: () => undefined }

  private constructor(parts: KeeperParts) {
    this.#disk = parts.disk
    this.#path = join(parts.dir, 'state.json')
    this.#parts = parts
    this.#logKeys = new LogKeys({ ...parts, dir: join(parts.dir, 'log-keys') })
  }

  /**
   * Reads the state, opens the journal and appends what is owed to it.
   * @throws Fault `state-unreadable`, `journal-damaged`, `disk-full`, `disk-failed`
   */
  static async open(parts: KeeperParts): Promise<Keeper> {
    const keeper = new Keeper(parts)
    await parts.disk.makeDir(parts.dir)
    const content = await parts.disk.read(keeper.#path)
    if (content === null) return keeper
    keeper.#state = readState(content)
    await keeper.#openJournal()
    const size = keeper.#journal?.entries.size ?? 0
    if (size < keeper.#state.journalSize) throw damaged('The end of the journal is gone')
    await keeper.#forgetWhatIsThere()
    await keeper.#settle()
    return keeper
  }

  get state(): AgentState {
    return this.#state
  }

  /**
   * To read.
   * @throws Fault `not-enrolled` before there is one
   */
  get journal(): Pick<Journal, 'size' | 'read' | 'leafAt'> {
    return this.sealed.entries
  }

  /**
   * To look at its seals, and to append facts that no change of the state goes with.
   * @throws Fault `not-enrolled` before there is one
   */
  get sealed(): SealedJournal {
    if (this.#journal) return this.#journal
    throw new Fault('not-enrolled', 'There is no journal before the enrolment', 'Enrol this computer first.')
  }

  /**
   * Runs `work` alone: what it reads from `state` stays true until it writes. Never call it inside itself.
   * `write` rejects with a `Fault` when not everything became durable; then nothing may be done that rests on it.
   */
  locked<T>(work: (write: Write) => Promise<T>): Promise<T> {
    return this.#inTurn(() => work((change, facts = []) => this.#write(change, facts)))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** One change that needs no look at the state first. */
  write(change: Partial<AgentState>, facts: readonly Fact[] = []): Promise<void> {
    return this.locked((write) => write(change, facts))
  }

  /**
   * Makes everything that was written so far part of what the present key signs, and erases that key. Does nothing
   * when nothing but receipts and seals was written since, or before there is a journal.
   * @throws Fault of the disk, `journal-damaged`: what was written is not sealed
   */
  seal(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#journal || !hasJournal(this.#state.identity)) return
      const { size } = this.journal
      await this.#settle()
      await this.#journal.seal()
      if (this.journal.size > size) this.#tell()
    })
  }

  /** The keys of the journal: the enrolment makes the first one. */
  get logKeys(): LogKeys {
    return this.#logKeys
  }

  /** Binds what runs on between changes, such as time owed: it is made durable with every change. */
  alwaysWith(running: Running): void {
    this.#running = running
  }

  /** Calls `listener` after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Calls `listener` when entries were appended, also those that no change of the state goes with. */
  onGrowth(listener: () => void): void {
    this.#grew = listener
  }

  async #write(change: Partial<AgentState>, facts: readonly Fact[]): Promise<void> {
    const journalSize = this.#journal?.entries.size ?? 0
    const changed = { ...this.#state, ...this.#running.now(), journalSize, ...change }
    const left = this.#state.owed.facts
    const after = left.length > 0 ? this.#state.owed.after : changed.journalSize
    const next: AgentState = { ...changed, owed: { after, facts: [...left, ...facts] } }
    try {
      await this.#disk.replace(this.#path, Buffer.from(JSON.stringify(next)))
    } catch (error) {
      this.#running.undo(this.#state)
      throw error
    }
    this.#state = next
    await this.#openJournal()
    await this.#settle()
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** A fault here leaves the facts owed: the next write, or the next start, appends them. */
  async #settle(): Promise<void> {
    if (this.#state.owed.facts.length === 0) return
    await this.sealed.append(this.#state.owed.facts)
    this.#state = { ...this.#state, owed: { after: this.journal.size, facts: [] } }
  }

  async #forgetWhatIsThere(): Promise<void> {
    const { after, facts } = this.#state.owed
    if (facts.length === 0) return
    const there = new Set<string>()
    for (let from = after; from < this.journal.size; ) {
      const entries = await this.journal.read(from, 500)
      for (const { header, body } of entries) there.add(factKey((JSON.parse(header) as Fact).type, body))
      from += entries.length
    }
    const missing = facts.filter(({ type, body }) => !there.has(factKey(type, body)))
    this.#state = { ...this.#state, owed: { after, facts: missing } }
  }

  async #openJournal(): Promise<void> {
    const { identity } = this.#state
    if (!hasJournal(identity) || identity.deviceId === this.#journalOf) return
    const { deviceId, tenant, lsk: firstKey } = identity
    const dir = join(this.#parts.dir, 'journal', deviceId)
    const own = {
      logKeys: this.#logKeys,
      origin: deviceOrigin(tenant, deviceId),
      firstKey,
      grew: () => this.#grew(),
    }
    this.#journal = await SealedJournal.open({ ...this.#parts, ...own, dir })
    this.#journalOf = deviceId
  }
}

export interface Running {
  now(): Partial<AgentState>
  /** The write failed: `kept` is still what a restart would find. */
  undo(kept: AgentState): void
}

export interface KeeperParts extends Omit<JournalParts, 'dir'> {
  /** Folder of everything the agent keeps. */
  readonly dir: string
}

function factKey(type: string, body: unknown): string {
  return `${type} ${jcs(body as Parameters<typeof jcs>[0])}`
}
