import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../../identifier.ts'

/** Keeps secrets that must be sent again in the database, readable only with the key that is not in it. */
export interface SecretBox {
  /** `about` is bound to it: what was sealed for one row opens for no other. */
  seal(text: string, about: string): string
  /** Null when it was sealed with another key or for something else, or was changed. */
  open(sealed: string, about: string): string | null
}

const NONCE = 12
const TAG = 16

/** AES-256-GCM. `key` is 32 bytes. */
export function createSecretBox(key: Uint8Array, random: Random): SecretBox {
  if (key.length !== 32) throw new RangeError('the key of a secret box is 32 bytes')
  return {
    seal(text, about) {
      const nonce = random(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
      cipher.setAAD(Buffer.from(about))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64')
      try {
        const nonce = bytes.subarray(0, NONCE)
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
        decipher.setAAD(Buffer.from(about))
        decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
        return decipher.update(bytes.subarray(NONCE + TAG), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        return null
      }
    },
  }
}
