import { readCheckpoint, readNote } from '@stint/chain'
import type { Disk } from '../config/disk.ts'
import { damaged } from './segment.ts'

/** What one seal made. */
export interface KeptCheckpoint {
  /** Entries that it covers; the last of them is its `seal.rotate`. */
  readonly size: number
  /** The signed note. */
  readonly note: string
  /** Public half (hex) of the key that signs the one after. */
  readonly next: string
}

const NEWLINE = 10

/** The checkpoints of a journal, rising, in one file that only grows: a JSON line each. */
export class Checkpoints {
  readonly #disk: Disk
  readonly #path: string
  readonly #kept: KeptCheckpoint[] = []
  #bytes = 0

  private constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /**
   * A line without its end was torn by a power cut and counts as not written.
   * @throws Fault `journal-damaged`, of the disk
   */
  static async open(disk: Disk, path: string): Promise<Checkpoints> {
    const checkpoints = new Checkpoints(disk, path)
    const content = (await disk.read(path)) ?? new Uint8Array()
    for (;;) {
      const newline = content.indexOf(NEWLINE, checkpoints.#bytes)
      const line = content.subarray(checkpoints.#bytes, newline)
      if (newline === -1 || line.includes(0)) return checkpoints
      checkpoints.#kept.push(read(line, checkpoints.newest?.size ?? 0))
      checkpoints.#bytes = newline + 1
    }
  }

  get newest(): KeptCheckpoint | undefined {
    return this.#kept.at(-1)
  }

  ofSize(size: number): KeptCheckpoint | undefined {
    return this.#kept.find((kept) => kept.size === size)
  }

  /** Those whose last entry is among the entries from `from` to `to`, without `to`. */
  among(from: number, to: number): readonly KeptCheckpoint[] {
    return this.#kept.filter(({ size }) => size > from && size <= to)
  }

  /** @throws Fault of the disk: then it is not kept, and the next one is written over its remains */
  async append(checkpoint: KeptCheckpoint): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(checkpoint)}\n`)
    await this.#disk.append(this.#path, this.#bytes, line)
    this.#bytes += line.length
    this.#kept.push(checkpoint)
  }
}

function read(line: Uint8Array, above: number): KeptCheckpoint {
  try {
    const { size, note, next } = JSON.parse(Buffer.from(line).toString('utf8')) as KeptCheckpoint
    if (readCheckpoint(readNote(note).text).size === size && size > above && /^[0-9a-f]{64}$/.test(next))
      return { size, note, next }
  } catch (cause) {
    throw damaged('A checkpoint of the journal cannot be read', cause)
  }
  throw damaged('A checkpoint of the journal is not the next one')
}
