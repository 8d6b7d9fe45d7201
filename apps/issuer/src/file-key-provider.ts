import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '@stint/elevation'
import { Hex, parseJson, type Static, Strict, Type } from '@stint/wire'
import type { KeyProvider, Wrapped } from './key-provider.ts'

const KekFile = Strict({
  v: Type.Literal(1),
  /** Oldest first; the last one wraps. */
  keys: Type.Array(Strict({ version: Type.Integer({ minimum: 1 }), key: Hex(32) }), { minItems: 1 }),
})
type KekFile = Static<typeof KekFile>

const NONCE = 12
const TAG = 16

/**
 * KEKs in a file that only its owner can read (mode 0600). A row holds
 * `nonce(12) ‖ AES-256-GCM(KEK_v, nonce, secret, aad) ‖ tag(16)`.
 * Throws `Fault`: `kek-missing`, `kek-exposed`, `malformed`.
 */
export function openFileKeyProvider(path: string): KeyProvider {
  const { keys } = readKekFile(path)
  const byVersion = new Map(keys.map(({ version, key }) => [version, Buffer.from(key, 'hex')]))
  const version = Math.max(...byVersion.keys())
  return {
    version,
    async wrap(plain, aad) {
      return { version, sealed: sealWith(keyOf(byVersion, version), plain, aad) }
    },
    async unwrap(wrapped, aad) {
      return openWith(keyOf(byVersion, wrapped.version), wrapped, aad)
    },
  }
}

/** Makes the file with one key. Throws `Fault('kek-exists')`: a KEK is never replaced, only added to. */
export function makeKekFile(path: string): void {
  if (existsSync(path))
    throw new Fault('kek-exists', 'There is a key-encryption key already', 'Use it, or add another version.')
  replaceFile(path, { v: 1, keys: [{ version: 1, key: randomBytes(32).toString('hex') }] })
}

/** Adds a key, which wraps from the next start on. The older ones stay, so that backups open. Gives its version. */
export function addKek(path: string): number {
  const { keys } = readKekFile(path)
  const version = Math.max(...keys.map((key) => key.version)) + 1
  replaceFile(path, { v: 1, keys: [...keys, { version, key: randomBytes(32).toString('hex') }] })
  return version
}

function readKekFile(path: string): KekFile {
  const file = openKekFile(path)
  try {
    if ((fstatSync(file).mode & 0o077) !== 0)
      throw new Fault(
        'kek-exposed',
        'The key-encryption key can be read by others',
        `Find out who read it, then: chmod 600 ${path}`,
      )
    return parseJson(KekFile, readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}

function openKekFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new Fault(
      'kek-missing',
      'The key-encryption key cannot be opened',
      `Restore ${path} from its backup; without it every computer must be enrolled again.`,
      { cause: error },
    )
  }
}

/** Whole or not at all, also through a power cut. */
function replaceFile(path: string, content: KekFile): void {
  const next = `${path}.next`
  rmSync(next, { force: true })
  const file = openSync(next, 'wx', 0o600)
  try {
    writeSync(file, `${JSON.stringify(content)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function keyOf(keys: ReadonlyMap<number, Buffer>, version: number): Buffer {
  const key = keys.get(version)
  if (key === undefined)
    throw new Fault(
      'kek-missing',
      `Version ${version} of the key-encryption key is not there`,
      'Restore the newest backup of the key file.',
    )
  return key
}

function sealWith(key: Buffer, plain: Uint8Array, aad: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function openWith(key: Buffer, { sealed }: Wrapped, aad: Uint8Array): Uint8Array {
  if (sealed.length < NONCE + TAG) throw unreadable()
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(aad).setAuthTag(sealed.subarray(sealed.length - TAG))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()])
  } catch {
    throw unreadable()
  }
}

function unreadable(): Fault {
  return new Fault(
    'secret-unreadable',
    'A wrapped secret does not open',
    'The key file and the database do not belong together, or a row was changed. Restore both from one backup.',
  )
}
