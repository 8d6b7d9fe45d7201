import type { Ground } from '../config/ground.ts'

type SealingGround = Pick<Ground, 'keeper' | 'clock' | 'log'>

const longestMs = 15 * 60_000
const mostEntries = 256

/**
 * Seals the journal while a session is live: what its person could want to change becomes unchangeable soon (spec:
 * evidence, sealing). What comes before rights and after them is sealed by whoever raises and lowers.
 */
export class Sealing {
  readonly #ground: SealingGround
  #sealing = false

  constructor(ground: SealingGround) {
    this.#ground = ground
  }

  /** To be called at every beat and after every change. Never rejects: what fails now is tried at the next call. */
  async check(): Promise<void> {
    if (this.#sealing || !this.#isDue()) return
    await this.now()
  }

  /** Answers whether everything is sealed. */
  async now(): Promise<boolean> {
    const { keeper, log } = this.#ground
    this.#sealing = true
    try {
      await keeper.seal()
      return true
    } catch (error) {
      log.error('the journal could not be sealed', error)
      return false
    } finally {
      this.#sealing = false
    }
  }

  #isDue(): boolean {
    const { keeper, clock } = this.#ground
    if (!keeper.state.sessions.some(({ phase }) => phase === 'live') || !keeper.sealed.isUnsealed)
      return false
    const { sealedBootMs, sinceSeal } = keeper.sealed
    const isOld = sealedBootMs === null || clock.now().bootMs - sealedBootMs >= longestMs
    return isOld || sinceSeal >= mostEntries
  }
}
