import {
  ChainError,
  type Entry,
  emptyLog,
  emptyTree,
  grow,
  type LogEnd,
  leafOf,
  readVkey,
  receiptHash,
  rootOf,
  verifierKey,
  verifyConsistency,
  verifyEntry,
  verifyInclusion,
  verifyLedgerCheckpoint,
  verifyReceipt,
  verifySeal,
  vkeyOf,
} from '@stint/chain'
import { logKeyMessage } from '@stint/code'
import { bytesOf, CaseError, hexOf, integerOf, isMembers, listOf, type Members, textOf } from './case.ts'

/** What the product computes for a case of spec/evidence.md. */

/** Words of the document for what this package throws. */
const words: Readonly<Record<string, string>> = {
  header: 'entry-form',
  sequence: 'entry-gap',
  join: 'entry-join',
  salt: 'entry-body',
  body: 'entry-body',
  note: 'checkpoint-signature',
  checkpoint: 'checkpoint-signature',
  signature: 'checkpoint-signature',
}

function orRefused(compute: () => Members): Members {
  try {
    return compute()
  } catch (error) {
    if (error instanceof ChainError) return { refused: words[error.code] ?? error.code }
    throw error
  }
}

export function entries(given: Members): Members {
  return orRefused(() => {
    const read = entriesOf(given)
    const end = read.reduce((at, entry) => verifyEntry(at, entry).end, emptyLog.end)
    return { size: end.size, leaves: read.map(({ header }) => leafOf(header)) }
  })
}

export function tree(given: Members): Members {
  let grown = emptyTree
  for (let i = 0; i < integerOf(given, 'leafCount'); i++) grown = grow(grown, leafOf(`leaf ${i}`)).tree
  return { root: rootOf(grown), frontier: grown.frontier }
}

export function inclusion(given: Members): Members {
  const claim = {
    ...{ index: integerOf(given, 'index'), size: integerOf(given, 'size') },
    ...{ leaf: textOf(given, 'leaf'), root: textOf(given, 'root'), proof: textsOf(given, 'proof') },
  }
  return { holds: holds(() => verifyInclusion(claim)) }
}

export function consistency(given: Members): Members {
  const claim = {
    ...{ oldSize: integerOf(given, 'oldSize'), size: integerOf(given, 'size') },
    ...{ oldRoot: textOf(given, 'oldRoot'), root: textOf(given, 'root'), proof: textsOf(given, 'proof') },
  }
  return { holds: holds(() => verifyConsistency(claim)) }
}

export function vkey(given: Members): Members {
  const kind = integerOf(given, 'keyKind') === 4 ? 'cosignature' : 'signature'
  const text = vkeyOf(verifierKey(textOf(given, 'name'), bytesOf(given, 'publicKey'), kind))
  if (vkeyOf(readVkey(text)) !== text) throw new CaseError('the verifier key does not read back')
  return { vkey: text }
}

export function note(given: Members): Members {
  return orRefused(() => {
    const { size, root, cosignatures } = verifyLedgerCheckpoint(textOf(given, 'note'), keysOf(given))
    return { size, root, times: cosignatures.map(({ time }) => time) }
  })
}

export function seals(given: Members): Members {
  const checkpoints = textsOf(given, 'checkpoints')
  return orRefused(() => {
    let at: LogEnd = emptyLog
    let key = readVkey(textOf(given, 'vkey'))
    let seen = 0
    for (const entry of entriesOf(given)) {
      const { header, end } = verifyEntry(at.end, entry)
      at = { end, tree: grow(at.tree, end.leaf).tree }
      if (header.type !== 'seal.rotate') continue
      const checkpoint = checkpoints[seen]
      if (checkpoint === undefined) return { refused: 'checkpoint-missing' }
      key = verifySeal(at, entry.body, checkpoint, key)
      seen += 1
    }
    if (seen < checkpoints.length) return { refused: 'checkpoint-missing' }
    return { size: at.end.size, next: vkeyOf(key) }
  })
}

export function firstKey(given: Members): Members {
  const [tenant, tokenId] = [bytesOf(given, 'tenant'), bytesOf(given, 'tokenId')]
  const hello = { tenant, tokenId, dik: bytesOf(given, 'dik'), nD: bytesOf(given, 'nD') }
  return { message: hexOf(logKeyMessage(hello, bytesOf(given, 'lsk'))) }
}

export function receipt(given: Members): Members {
  const text = textOf(given, 'receipt')
  const subject = { deviceId: textOf(given, 'deviceId'), checkpoint: textOf(given, 'checkpoint') }
  return orRefused(() => {
    const { device, ledger, header } = verifyReceipt(text, keysOf(given), subject)
    const { seq, t } = header
    return { index: seq, size: ledger.size, deviceSize: device.size, t, hash: receiptHash(text) }
  })
}

function keysOf(given: Members) {
  return {
    origin: textOf(given, 'origin'),
    logKeys: textsOf(given, 'logKeys').map(readVkey),
    witnessKeys: textsOf(given, 'witnessKeys').map(readVkey),
    witnesses: integerOf(given, 'witnesses'),
  }
}

function holds(verify: () => void): boolean {
  try {
    verify()
    return true
  } catch (error) {
    if (error instanceof ChainError && error.code === 'proof') return false
    throw error
  }
}

/** Salt and body as they stand: what a stranger sent may have another form, and that is what is tested. */
function entriesOf(given: Members): Entry[] {
  return listOf(given, 'entries').map((item) => {
    if (!isMembers(item)) throw new CaseError('an entry must be an object')
    return { header: textOf(item, 'header'), salt: item.salt as string, body: item.body }
  })
}

function textsOf(given: Members, name: string): string[] {
  return listOf(given, name).map((item) => {
    if (typeof item !== 'string') throw new CaseError(`${name} must be a list of text`)
    return item
  })
}
