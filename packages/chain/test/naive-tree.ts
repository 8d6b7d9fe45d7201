import { createHash } from 'node:crypto'

/** The tree as RFC 9162 section 2.1 defines it, by its recursion and with another library. Hashes in hex. */

const sha256 = (...parts: Uint8Array[]): string => {
  const made = createHash('sha256')
  for (const part of parts) made.update(part)
  return made.digest('hex')
}

export const leaf = (i: number): string => sha256(Buffer.from([0]), Buffer.from(`leaf ${i}`))
export const leaves = (count: number): string[] => Array.from({ length: count }, (_, i) => leaf(i))

function split(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1)
}

export function naiveRoot(list: readonly string[]): string {
  const [only] = list
  if (only === undefined) return sha256()
  if (list.length === 1) return only
  const k = split(list.length)
  return sha256(
    Buffer.from([1]),
    Buffer.from(naiveRoot(list.slice(0, k)), 'hex'),
    Buffer.from(naiveRoot(list.slice(k)), 'hex'),
  )
}

/** PATH(m, D_n). */
export function naivePath(m: number, list: readonly string[]): string[] {
  if (list.length <= 1) return []
  const k = split(list.length)
  return m < k
    ? [...naivePath(m, list.slice(0, k)), naiveRoot(list.slice(k))]
    : [...naivePath(m - k, list.slice(k)), naiveRoot(list.slice(0, k))]
}

/** PROOF(m, D_n), for 0 < m < n. */
export function naiveConsistency(m: number, list: readonly string[], isWhole = true): string[] {
  if (m === list.length) return isWhole ? [] : [naiveRoot(list)]
  const k = split(list.length)
  return m <= k
    ? [...naiveConsistency(m, list.slice(0, k), isWhole), naiveRoot(list.slice(k))]
    : [...naiveConsistency(m - k, list.slice(k), false), naiveRoot(list.slice(0, k))]
}
