import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../../identifier.ts'

/** argon2id (RFC 9106). 64 MiB, three passes, one lane: about a third of a second of one core. */
const cost = { memory: 64 * 1024, passes: 3, parallelism: 1, tagLength: 32 }
const SALT_BYTES = 16

export const PASSWORD_MIN_LENGTH = 12

export interface Passwords {
  /** PHC string; two hashes of one password differ. */
  hash(password: string): Promise<string>
  /** Takes the same time when `stored` is null, which is never right. */
  verify(password: string, stored: string | null): Promise<boolean>
}

const derive = promisify(argon2)

/** `memoryKiB` is lowered by tests only. */
export function createPasswords(random: Random, memoryKiB: number = cost.memory): Passwords {
  const decoySalt = Buffer.from(random(SALT_BYTES))
  const tag = (password: string, nonce: Buffer, memory: number, passes: number) =>
    derive('argon2id', {
      message: Buffer.from(password.normalize('NFKC'), 'utf8'),
      nonce,
      memory,
      passes,
      parallelism: cost.parallelism,
      tagLength: cost.tagLength,
    })
  return {
    async hash(password) {
      const salt = Buffer.from(random(SALT_BYTES))
      const hash = await tag(password, salt, memoryKiB, cost.passes)
      return `$argon2id$v=19$m=${memoryKiB},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(hash)}`
    },
    async verify(password, stored) {
      const parts = stored === null ? null : phcForm.exec(stored)
      const [, memory = `${memoryKiB}`, passes = `${cost.passes}`, salt = '', expected = ''] = parts ?? []
      const nonce = parts === null ? decoySalt : Buffer.from(salt, 'base64')
      const actual = await tag(password, nonce, Number(memory), Number(passes))
      const wanted = Buffer.from(expected, 'base64')
      return wanted.length === actual.length && timingSafeEqual(wanted, actual)
    },
  }
}

const phcForm = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
