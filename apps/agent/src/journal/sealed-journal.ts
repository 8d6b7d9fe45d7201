import { hash } from 'node:crypto'
import { join } from 'node:path'
import { nextKey, sealedCheckpoint, verifierKey, vkeyOf } from '@stint/chain'
import { Checkpoints, type KeptCheckpoint } from './checkpoints.ts'
import type { Fact } from './fact.ts'
import { Journal, type JournalParts } from './journal.ts'
import { KeptReceipts } from './kept-receipts.ts'
import type { LogKeys } from './log-keys.ts'
import { damaged } from './segment.ts'

export interface SealedJournalParts extends JournalParts {
  readonly logKeys: LogKeys
  /** Of the journal: the name of its keys. */
  readonly origin: string
  /** Public half (hex) of the first key. */
  readonly firstKey: string
  /** Called when entries were appended. */
  readonly grew: () => void
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * A journal and its seals (spec: evidence, sealing): `seal.rotate` names the next key, the present one signs the
 * checkpoint over it, then it is erased.
 */
export class SealedJournal {
  readonly #parts: SealedJournalParts
  readonly #journal: Journal
  readonly #checkpoints: Checkpoints
  readonly receipts: KeptReceipts
  /** Public halves. `spare`: made for a seal that did not come to its entry. */
  #present: string
  #spare: string | null = null
  /** The entry is there and its checkpoint is not: until it is, nothing else may be appended. */
  #owed: { readonly next: string } | null = null
  /** Entries since the last seal that ask for another one. */
  #unsealed = 0
  #hasErased = false
  #sealedBootMs: number | null = null
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(parts: SealedJournalParts, journal: Journal, checkpoints: Checkpoints) {
    this.#parts = parts
    this.#journal = journal
    this.#checkpoints = checkpoints
    this.receipts = new KeptReceipts(parts.disk, join(parts.dir, 'receipts'))
    this.#present = checkpoints.newest?.next ?? parts.firstKey
  }

  /**
   * Opens the journal; a seal that a power cut stopped is brought to its end before anything else.
   * @throws Fault `journal-damaged`, also when it ends before its last checkpoint, or a key or checkpoint is gone;
   *   of the disk
   */
  static async open(parts: SealedJournalParts): Promise<SealedJournal> {
    const journal = await Journal.open(parts)
    const checkpoints = await Checkpoints.open(parts.disk, join(parts.dir, 'checkpoints.jsonl'))
    if (journal.size < (checkpoints.newest?.size ?? 0)) throw damaged('The end of the journal is gone')
    const sealed = new SealedJournal(parts, journal, checkpoints)
    await sealed.#readUnsealed()
    await sealed.#finish()
    await parts.logKeys.signer(sealed.#present, parts.origin)
    return sealed
  }

  /** To read. */
  get entries(): Journal {
    return this.#journal
  }

  get checkpoints(): Checkpoints {
    return this.#checkpoints
  }

  /** Entries since the last seal. */
  get sinceSeal(): number {
    return this.#journal.size - (this.#checkpoints.newest?.size ?? 0)
  }

  /** When the last seal was finished; null when that was before this start. */
  get sealedBootMs(): number | null {
    return this.#sealedBootMs
  }

  /** Something besides receipts and seals follows the last seal. */
  get isUnsealed(): boolean {
    return this.#unsealed > 0
  }

  /** Entries below this may leave the computer: a `seal.rotate` goes with its checkpoint. */
  get sendable(): number {
    return this.#journal.size - (this.#owed ? 1 : 0)
  }

  /**
   * All of them in this order, or none.
   * @throws Fault as `Journal.append`
   */
  append(facts: readonly Fact[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#finish()
      await this.#journal.append(facts)
      this.#unsealed += facts.filter(({ type }) => asksForSeal(type)).length
      this.#parts.grew()
    })
  }

  /**
   * Seals what is not sealed; does nothing when nothing but receipts and seals follows the last seal.
   * @throws Fault `journal-damaged` when the key is gone; of the disk. What was begun is brought to its end later.
   */
  seal(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#finish()
      if (this.#unsealed > 0) await this.#rotate()
      if (this.#hasErased) return
      await this.#parts.logKeys.eraseAllBut([this.#present])
      this.#hasErased = true
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #rotate(): Promise<void> {
    const { logKeys, origin } = this.#parts
    this.#spare ??= await logKeys.make()
    const next = this.#spare
    const vkey = vkeyOf(verifierKey(origin, Buffer.from(next, 'hex')))
    await this.#journal.append([{ type: 'seal.rotate', body: { next: vkey } }])
    this.#spare = null
    this.#unsealed = 0
    this.#owed = { next }
    await this.#finish()
  }

  /** Signs the checkpoint that is owed: the tree is still the one that ends in its entry. */
  async #finish(): Promise<void> {
    if (!this.#owed) return
    const { next } = this.#owed
    const { logKeys, origin } = this.#parts
    const signer = await logKeys.signer(this.#present, origin)
    const { log, size } = this.#journal
    const checkpoint: KeptCheckpoint = { size, note: sealedCheckpoint(log, signer, sha256), next }
    await this.#checkpoints.append(checkpoint)
    this.#present = next
    this.#owed = null
    this.#sealedBootMs = this.#parts.clock.now().bootMs
    this.#hasErased = false
  }

  async #readUnsealed(): Promise<void> {
    const { size } = this.#journal
    for (let from = this.#checkpoints.newest?.size ?? 0; from < size; ) {
      const entries = await this.#journal.read(from, 500)
      for (const [at, { header, body }] of entries.entries()) {
        const { type } = JSON.parse(header) as Pick<Fact, 'type'>
        if (asksForSeal(type)) this.#unsealed += 1
        if (type !== 'seal.rotate') continue
        if (from + at !== size - 1) throw damaged(`The checkpoint of entry ${from + at} is gone`)
        this.#unsealed = 0
        this.#owed = { next: this.#nextIn(body) }
      }
      from += entries.length
    }
  }

  #nextIn(body: unknown): string {
    const present = verifierKey(this.#parts.origin, Buffer.from(this.#present, 'hex'))
    try {
      return Buffer.from(nextKey(body, present).publicKey).toString('hex')
    } catch (cause) {
      throw damaged('The last seal of the journal names no key', cause)
    }
  }
}

/** A seal for nothing but receipts and seals would ask for another receipt, for ever. */
function asksForSeal(type: Fact['type']): boolean {
  return type !== 'receipt' && type !== 'seal.rotate'
}
