import { join } from 'node:path'
import type { Disk } from '../config/disk.ts'

/** Older ones are the server's to keep: what counts of them is their hash in the journal. */
const mostKept = 16

/** The texts of the newest receipts, each a file named by the size of the checkpoint that it is about. */
export class KeptReceipts {
  readonly #disk: Disk
  readonly #dir: string

  constructor(disk: Disk, dir: string) {
    this.#disk = disk
    this.#dir = dir
  }

  /** @throws Fault of the disk */
  async keep(size: number, text: string): Promise<void> {
    await this.#disk.makeDir(this.#dir)
    await this.#disk.replace(join(this.#dir, `${size}.tlog-proof`), Buffer.from(text))
    const names = await this.#disk.list(this.#dir)
    const sizes = names.flatMap((name) => /^(\d+)\.tlog-proof$/.exec(name)?.[1] ?? []).map(Number)
    const old = sizes.sort((a, b) => b - a).slice(mostKept)
    for (const each of old) await this.#disk.remove(join(this.#dir, `${each}.tlog-proof`))
  }
}
