import { join } from 'node:path'
import { type Signer, verifierKey } from '@stint/chain'
import type { Disk } from '../config/disk.ts'
import type { Random } from '../config/ids.ts'
import { publicOf, signWith } from '../enrol/keys.ts'
import { damaged } from './segment.ts'

export interface LogKeysParts {
  readonly disk: Disk
  readonly random: Random
  /** Folder of nothing but these keys. */
  readonly dir: string
}

/**
 * The keys that sign the journal, one after the other (LSK_i of spec: evidence, sealing). Each is a file of its own,
 * named by its public half and for root only, so that it can be overwritten when it has signed; what one file shared
 * with others would be left behind at every change of them.
 */
export class LogKeys {
  readonly #parts: LogKeysParts

  constructor(parts: LogKeysParts) {
    this.#parts = parts
  }

  /**
   * Makes a key, durable. Answers its public half, hex.
   * @throws Fault of the disk
   */
  async make(): Promise<string> {
    const { disk, random, dir } = this.#parts
    const seed = Buffer.from(random(32)).toString('hex')
    const publicKey = publicOf('Ed25519', seed)
    await disk.makeDir(dir)
    await disk.replace(this.#path(publicKey), Buffer.from(seed))
    return publicKey
  }

  /**
   * Signs under the name `origin`.
   * @throws Fault `journal-damaged` when the key is gone, of the disk
   */
  async signer(publicKey: string, origin: string): Promise<Signer> {
    const content = await this.#parts.disk.read(this.#path(publicKey))
    const seed = content === null ? '' : Buffer.from(content).toString('latin1')
    if (!/^[0-9a-f]{64}$/.test(seed) || publicOf('Ed25519', seed) !== publicKey)
      throw damaged('The key that seals the journal is gone')
    return {
      key: verifierKey(origin, Buffer.from(publicKey, 'hex')),
      sign: (message) => Buffer.from(signWith(seed, message), 'hex'),
    }
  }

  /**
   * Erases every key but these.
   * @throws Fault of the disk: some may still be there
   */
  async eraseAllBut(kept: readonly string[]): Promise<void> {
    const { disk, dir } = this.#parts
    const names = new Set(kept.map((publicKey) => `${publicKey}.key`))
    for (const name of await disk.list(dir)) if (!names.has(name)) await disk.erase(join(dir, name))
  }

  #path(publicKey: string): string {
    return join(this.#parts.dir, `${publicKey}.key`)
  }
}
