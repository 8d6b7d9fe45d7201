import { hash } from 'node:crypto'
import {
  ChainError,
  ledgerOrigin,
  readReceipt,
  receiptHash,
  type VerifiedReceipt,
  verifierKey,
  verifyReceipt,
} from '@stint/chain'
import { done, type Outcome, refused } from '@stint/elevation'
import type { Receipt } from '@stint/wire/device'
import type { Ground } from '../config/ground.ts'
import { type Enrolled, hasJournal } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { Keeper, Write } from '../journal/keeper.ts'
import { readTrust } from '../policy/trust.ts'

export interface ReceiptGround extends Pick<Ground, 'keeper' | 'log'> {
  /** Says on this computer, and to the server, whether the last receipt was believed. */
  readonly receiptBelieved: (believed: boolean) => void
}

const pageEntries = 500
const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * The server has our entries below `upTo`, and both sides mean the same ones. A lower number than before is taken as
 * well, without its proof: the server was set back, and gets them again.
 * Refuses with `journal-gap` when the leaf is not ours, `wrong-signature` when the proof proves nothing: then nothing
 * counts as received, and is sent again.
 * @throws Fault of the disk
 */
export function takeReceipt(receipt: Receipt, ground: ReceiptGround): Promise<Outcome<object>> {
  const { keeper, log } = ground
  return keeper.locked(async (write) => {
    const { upTo, proof = null } = receipt
    const { identity, received } = keeper.state
    const leaf = upTo === 0 ? null : await keeper.journal.leafAt(upTo - 1)
    if (!hasJournal(identity) || leaf === undefined || leaf !== receipt.leaf) return refused('journal-gap')
    if (proof === null || upTo < received) {
      if (upTo !== received) await write({ received: upTo })
      return done({})
    }
    const verified = verify(proof, identity, keeper)
    ground.receiptBelieved(verified instanceof ChainError === false)
    if (verified instanceof ChainError) {
      log.error('a receipt of the server was refused', verified)
      return refused('wrong-signature', { details: { reason: verified.code } })
    }
    await keep(receipt, { proof, size: verified.device.size }, keeper, write)
    return done({})
  })
}

/** With the server's log keys that this computer pinned, for one of its own checkpoints. */
function verify(proof: string, identity: Enrolled, keeper: Keeper): VerifiedReceipt | ChainError {
  const { tenant, deviceId } = identity
  const origin = ledgerOrigin(tenant)
  const logKeys = readTrust(identity.trust)
    .keys('server-log')
    .map((key) => verifierKey(origin, key))
  try {
    const { size } = readReceipt(proof).entry.body as { readonly size?: unknown }
    const own = typeof size === 'number' ? keeper.sealed.checkpoints.ofSize(size) : undefined
    if (!own) throw new ChainError('receipt-subject', 'This receipt is about no checkpoint of this computer')
    return verifyReceipt(proof, { origin, logKeys }, { deviceId, checkpoint: own.note }, { hash: sha256 })
  } catch (error) {
    if (error instanceof ChainError) return error
    throw error
  }
}

/** First its text, then what says that it is there. One that proves nothing new is not noted: it would go on for ever. */
async function keep(
  { upTo, at }: Receipt,
  { proof, size }: { readonly proof: string; readonly size: number },
  keeper: Keeper,
  write: Write,
): Promise<void> {
  const before = keeper.state.receipt?.size ?? 0
  if (!(await hasNews(before, size, keeper))) {
    if (upTo !== keeper.state.received) await write({ received: upTo })
    return
  }
  const note: Fact = { type: 'receipt', body: { upTo, at, hash: receiptHash(proof, sha256) } }
  await keeper.sealed.receipts.keep(size, proof)
  await write({ received: upTo, receipt: { hash: receiptHash(proof, sha256), size } }, [note])
}

/** Whether the entries from `from` to `to` hold anything but receipts and seals. */
async function hasNews(from: number, to: number, { journal }: Keeper): Promise<boolean> {
  for (let at = from; at < to; ) {
    const entries = await journal.read(at, Math.min(pageEntries, to - at))
    const types = entries.map(({ header }) => (JSON.parse(header) as { type: string }).type)
    if (types.some((type) => type !== 'receipt' && type !== 'seal.rotate')) return true
    at += entries.length
  }
  return false
}
