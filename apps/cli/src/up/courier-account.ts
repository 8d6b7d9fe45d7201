import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The range that systemd gives to services without an account of their own. */
const first = 61_184
const last = 65_519

/**
 * A user number that belongs to nobody, for the courier: nothing on the computer is owned by it, and no process but
 * the courier runs as it. The same data folder gives the same number.
 */
export function courierUid(dataFolder: string): number {
  const taken = new Set(['/etc/passwd', '/etc/group'].flatMap(numbersOf))
  const size = last - first + 1
  const start = createHash('sha256').update(dataFolder).digest().readUInt32BE() % size
  for (let step = 0; step < size; step++) {
    const uid = first + ((start + step) % size)
    if (!taken.has(uid)) return uid
  }
  return last
}

function numbersOf(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => Number(line.split(':')[2]))
  } catch {
    return []
  }
}
