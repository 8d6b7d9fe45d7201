import { generateKeyPairSync, sign } from 'node:crypto'
import {
  appendTo,
  type Entry,
  emptyLog,
  grow,
  inclusionProof,
  type LogEnd,
  leafOf,
  ledgerOrigin,
  readCheckpoint,
  readNote,
  receiptText,
  rootOf,
  type Signer,
  signCheckpoint,
  verifierKey,
} from '@stint/chain'

const stamp = { boot: 'server-1', up: 7, t: '2026-11-22T09:00:00.000Z' }

/** A server's ledger with its log key, which notes checkpoints of one device and gives receipts for them. */
export class Ledger {
  readonly #signer: Signer
  readonly #nodes = new Map<string, string>()
  #at: LogEnd = emptyLog

  constructor(tenant: string, { privateKey, publicKey } = generateKeyPairSync('ed25519')) {
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
    const key = verifierKey(ledgerOrigin(tenant), raw)
    this.#signer = { key, sign: (message) => sign(null, message, privateKey) }
  }

  /** Of its log key, hex. */
  get publicKey(): string {
    return Buffer.from(this.#signer.key.publicKey).toString('hex')
  }

  /** Takes a checkpoint of the device; answers the receipt. */
  receipt(deviceId: string, note: string): string {
    this.#append('person.signed-in', { actor: 'person:1', subject: 'person:1' })
    const { size, root } = readCheckpoint(readNote(note).text)
    const about = { deviceId, size, root, note, length: size, receipt: null }
    const entry = this.#append('device.checkpoint', {
      ...{ actor: 'server', subject: `device:${deviceId}` },
      ...about,
    })
    const { tree } = this.#at
    const { name: origin } = this.#signer.key
    const checkpoint = signCheckpoint({ origin, size: tree.size, root: rootOf(tree) }, [this.#signer])
    const index = tree.size - 1
    const proof = inclusionProof(index, tree.size, ({ level, index: i }) => {
      return this.#nodes.get(`${level} ${i}`) ?? ''
    })
    return receiptText({ entry, index, proof, checkpoint })
  }

  #append(type: string, body: unknown): Entry {
    const { tree } = this.#at
    const { entry, at } = appendTo(this.#at, { ...stamp, type, body }, new Uint8Array(16))
    for (const { level, index, hash } of grow(tree, leafOf(entry.header)).nodes)
      this.#nodes.set(`${level} ${index}`, hash)
    this.#at = at
    return entry
  }
}
