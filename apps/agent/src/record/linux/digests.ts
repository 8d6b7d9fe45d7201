import { createHash } from 'node:crypto'
import { type BigIntStats, constants, statSync } from 'node:fs'
import { open } from 'node:fs/promises'

const chunkBytes = 1 << 20
/** Beyond this a digest would hold up the facts behind it for too long. */
const largestBytes = 256n << 20n
const mostRemembered = 4_096

/** Content digests of programs, computed once per content: a file's key changes with every write to it. */
export class ContentDigests {
  readonly #known = new Map<string, string>()

  /** What is known already of the file as it is now; undefined when it must be read. */
  known(path: string): string | undefined {
    const key = path.includes('\\') ? null : keyOf(path)
    return key === null ? undefined : this.#known.get(key)
  }

  /** Lower-case hex; `null` when the file is gone, not a file, too large, or its name is not plain text. */
  async sha256(path: string): Promise<string | null> {
    const key = path.includes('\\') ? null : keyOf(path)
    if (key === null) return null
    const digest = this.#known.get(key) ?? (await digestOf(path).catch(() => null))
    // Only remembered when the file was the same before and after.
    if (digest !== null && keyOf(path) === key) this.#remember(key, digest)
    return digest
  }

  #remember(key: string, digest: string): void {
    const [oldest] = this.#known.keys()
    if (this.#known.size >= mostRemembered && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(key, digest)
  }
}

function keyOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stats || !isHashable(stats)) return null
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
}

function isHashable(stats: BigIntStats): boolean {
  return stats.isFile() && stats.size <= largestBytes
}

async function digestOf(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    if (!isHashable(await file.stat({ bigint: true }))) return null
    const hash = createHash('sha256')
    const chunk = new Uint8Array(chunkBytes)
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunkBytes)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}
