import { createHash } from 'node:crypto'
import { type BigIntStats, readSync } from 'node:fs'

const chunkBytes = 1 << 20
/** Beyond this a digest would hold up everybody who waits for an answer for too long. */
const largestBytes = 256n << 20n
const mostRemembered = 4_096

/** Content digests of open files, computed once per content: the key changes with every write. */
export class OpenFileDigests {
  readonly #known = new Map<string, string>()
  readonly #chunk = new Uint8Array(chunkBytes)

  constructor() {
    // What the first digest loads must not be loaded while somebody waits.
    createHash('sha256').update(this.#chunk).digest()
  }

  /** Lower-case hex; null when it cannot be read, or is too large. */
  sha256(fd: number, stats: BigIntStats): string | null {
    if (stats.size > largestBytes) return null
    const key = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const digest = this.#digest(fd)
    if (digest !== null) this.#remember(key, digest)
    return digest
  }

  #digest(fd: number): string | null {
    const hash = createHash('sha256')
    try {
      for (let at = 0; ; ) {
        const read = readSync(fd, this.#chunk, 0, chunkBytes, at)
        if (read === 0) return hash.digest('hex')
        hash.update(this.#chunk.subarray(0, read))
        at += read
      }
    } catch {
      return null
    }
  }

  #remember(key: string, digest: string): void {
    const [oldest] = this.#known.keys()
    if (this.#known.size >= mostRemembered && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(key, digest)
  }
}
