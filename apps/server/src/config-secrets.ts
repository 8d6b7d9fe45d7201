import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '@stint/elevation'
import type { Random } from './identifier.ts'

const LENGTH = 32

/**
 * The key that seals secrets in the database, from its file of 64 hex digits; made, for its owner alone, when it is not
 * there. Servers of one database need the same file. Throws `Fault('usage')` for a file that holds no key.
 */
export function secretsKey(file: string, random: Random): Uint8Array {
  const text = read(file) ?? make(file, random)
  if (/^[0-9a-f]{64}\n?$/.test(text)) return Buffer.from(text.trim(), 'hex')
  throw new Fault('usage', `${file} holds no key`, 'It holds 64 hex digits. Restore it, or name another one.')
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Another server may make it in the same moment: then theirs counts. */
function make(file: string, random: Random): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const text = `${Buffer.from(random(LENGTH)).toString('hex')}\n`
  try {
    const made = openSync(file, 'wx', 0o600)
    writeSync(made, text)
    fsyncSync(made)
    closeSync(made)
    return text
  } catch (error) {
    const other = read(file)
    if (other === null) throw error
    return other
  }
}
