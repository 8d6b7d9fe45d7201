import { weaknesses } from '@stint/elevation'
import type { DeviceFacts } from '@stint/wire/journal'
import type { Instant } from '../clock/clock.ts'
import type { Ground } from '../config/ground.ts'
import { hasJournal } from '../config/state.ts'
import type { Account } from '../os/os.ts'
import type { Recorder } from '../record/record.ts'
import { readDeviceFacts } from './device-facts.ts'

export interface DeviceGround extends Pick<Ground, 'os' | 'clock' | 'keeper'> {
  readonly recorder: Recorder
  readonly version: string
}

/** A contact older than this says nothing about now. */
const contactFreshMs = 60_000
const factsGoodMs = 3_600_000

/** This computer as others are told of it, read again now and then, and whether the server was in reach. */
export class Device {
  readonly #ground: DeviceGround
  #accounts: readonly Account[] = []
  #facts: DeviceFacts | null = null
  #factsReadMs = 0
  #contact: Instant | null = null
  #reachable = false
  #receiptRefused = false

  constructor(ground: DeviceGround) {
    this.#ground = ground
  }

  get accounts(): readonly Account[] {
    return this.#accounts
  }

  /** Null before the first `refresh`. */
  get facts(): DeviceFacts | null {
    if (!this.#facts || !this.#receiptRefused) return this.#facts
    return { ...this.#facts, weaknesses: [...this.#facts.weaknesses, weaknesses['receipt-refused']] }
  }

  /** The server's last receipt proved what it says, or not. */
  receiptBelieved(believed: boolean): void {
    this.#receiptRefused = !believed
  }

  get name(): string {
    return this.#facts?.hostname ?? ''
  }

  /** When the courier last spoke with the server. */
  get contact(): Instant | null {
    return this.#contact
  }

  get online(): boolean {
    const now = this.#ground.clock.now()
    const last = this.#contact
    return this.#reachable && last?.bootId === now.bootId && now.bootMs - last.bootMs <= contactFreshMs
  }

  /** Answers whether anything changed. */
  contacted(online: boolean): boolean {
    const changed = online !== this.online
    this.#reachable = online
    if (online) this.#contact = this.#ground.clock.now()
    return changed
  }

  /**
   * Reads the accounts again, and the facts, which cost a few processes, when those changed or an hour is over.
   * Answers whether anything is other than before.
   */
  async refresh(): Promise<boolean> {
    const { os, recorder, version, clock } = this.#ground
    const accounts = await os.accounts()
    const now = clock.now().bootMs
    const same = JSON.stringify(accounts) === JSON.stringify(this.#accounts)
    if (same && this.#facts && now - this.#factsReadMs < factsGoodMs) return false
    this.#factsReadMs = now
    const facts = await readDeviceFacts(os, recorder, accounts, version)
    const changed = JSON.stringify([accounts, facts]) !== JSON.stringify([this.#accounts, this.#facts])
    this.#accounts = accounts
    this.#facts = facts
    return changed
  }

  /** The first entry of every boot says what this computer is. */
  async noteBoot(): Promise<void> {
    const { keeper, clock } = this.#ground
    if (!this.#facts || !hasJournal(keeper.state.identity)) return
    if (keeper.state.bootNoted === clock.now().bootId) return
    await keeper.write({ bootNoted: clock.now().bootId }, [{ type: 'boot', body: { facts: this.#facts } }])
  }
}
