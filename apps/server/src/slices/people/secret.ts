import { createHash } from 'node:crypto'
import type { Random } from '../../identifier.ts'

/** 256 random bits as text for a cookie, a link or a token. Only its hash is stored. */
export function newSecret(random: Random): string {
  return Buffer.from(random(32)).toString('base64url')
}

/** SHA-256 in hex. A fast hash is enough: nobody guesses 256 bits. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Known only to who holds the cookie, so a page that cannot read our answers cannot have it. */
export function csrfOf(sessionSecret: string): string {
  return createHash('sha256').update(`csrf ${sessionSecret}`).digest('base64url')
}
