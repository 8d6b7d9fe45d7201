import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  appendTo,
  ChainError,
  deviceOrigin,
  type Entry,
  emptyLog,
  grow,
  type LogEnd,
  seal,
  sealedCheckpoint,
  type VerifierKey,
  verifyEntry,
  verifySeal,
} from '../src/index.ts'
import { signer } from './signers.ts'

const refusedWith = (code: string) => (error: unknown) => error instanceof ChainError && error.code === code
const origin = deviceOrigin('b9d9a20983b9828498367e638b60ee6f', 'cd9ac7a2d91521b87371b373d10e97f8')
const stamp = { boot: 'boot-1', up: 7, t: '2026-11-22T08:00:00.000Z' }
const salt = new Uint8Array(16)
const lsk = (i: number) => signer(origin, i + 1)

interface Journal {
  readonly entries: Entry[]
  readonly checkpoints: string[]
}

/** One seal after each number of facts. */
function sealed(runs: readonly number[]): Journal {
  const journal: Journal = { entries: [], checkpoints: [] }
  let at: LogEnd = emptyLog
  for (const [i, run] of runs.entries()) {
    for (let n = 0; n < run; n++) {
      const added = appendTo(at, { ...stamp, type: 'policy.applied', body: { serial: n } }, salt)
      journal.entries.push(added.entry)
      at = added.at
    }
    const made = seal(at, stamp, { present: lsk(i), next: lsk(i + 1).key.publicKey }, salt)
    journal.entries.push(made.entry)
    journal.checkpoints.push(made.checkpoint)
    at = JSON.parse(JSON.stringify(made.at))
  }
  return journal
}

/** Walks a journal as somebody who checks it does. Gives the last key. */
function verified({ entries, checkpoints }: Journal): VerifierKey {
  let at = emptyLog
  let key = lsk(0).key
  let seals = 0
  for (const entry of entries) {
    const { header, end } = verifyEntry(at.end, entry)
    at = { end, tree: grow(at.tree, end.leaf).tree }
    if (header.type !== 'seal.rotate') continue
    key = verifySeal(at, entry.body, checkpoints[seals] ?? '', key)
    seals += 1
  }
  return key
}

test('EVID-9: any journal that was sealed verifies, key after key', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(6), { maxLength: 8 }), (runs) => {
      assert.deepEqual(verified(sealed(runs)), lsk(runs.length).key)
    }),
    { numRuns: 30 },
  )
})

test('EVID-9: a journal that is written again with the present key does not verify', () => {
  const good = sealed([2, 3, 1])
  const rewritten = (() => {
    // Somebody with rights holds LSK_2 only: he can make entries, and sign with that.
    let at: LogEnd = emptyLog
    const made: Journal = { entries: [], checkpoints: [] }
    for (const i of [0, 1, 2]) {
      const step = seal(at, stamp, { present: lsk(i), next: lsk(i + 1).key.publicKey }, salt)
      made.entries.push(step.entry)
      made.checkpoints.push(i === 2 ? step.checkpoint : (good.checkpoints[i] ?? ''))
      at = step.at
    }
    return made
  })()
  assert.throws(() => verified(rewritten), refusedWith('checkpoint'), 'another size')
  const sameSizes = sealed([2, 3, 1])
  const [first] = sameSizes.entries
  assert.ok(first)
  let at: LogEnd = emptyLog
  const entries = good.entries.map((entry, i) => {
    const body = i === 0 ? { serial: 99 } : entry.body
    const added = appendTo(at, { ...stamp, type: typeOf(entry), body }, salt)
    at = added.at
    return added.entry
  })
  assert.throws(() => verified({ entries, checkpoints: good.checkpoints }), refusedWith('fork'))
})

test('EVID-9: a checkpoint of another key, a missing one and an exchanged one are refused', () => {
  const good = sealed([1, 1])
  const [first = '', second = ''] = good.checkpoints
  const at = logOf(good.entries.slice(0, 2))
  const forged = sealedCheckpoint(at, lsk(5))
  assert.throws(() => verified({ ...good, checkpoints: [forged, second] }), refusedWith('signature'))
  assert.throws(() => verified({ ...good, checkpoints: [first] }), refusedWith('note'))
  assert.throws(() => verified({ ...good, checkpoints: [second, first] }), refusedWith('signature'))
})

test('after a power cut the missing checkpoint is the one that would have been made', () => {
  const made = seal(emptyLog, stamp, { present: lsk(0), next: lsk(1).key.publicKey }, salt)
  assert.equal(sealedCheckpoint(made.at, lsk(0)), made.checkpoint)
  assert.ok(made.checkpoint.length < 1000)
})

test('a seal that names no other key of this log is refused', () => {
  const { entry, checkpoint, at } = seal(
    emptyLog,
    stamp,
    { present: lsk(0), next: lsk(1).key.publicKey },
    salt,
  )
  const key = lsk(0).key
  assert.deepEqual(verifySeal(at, entry.body, checkpoint, key), lsk(1).key)
  for (const body of [null, {}, { next: 'x' }, { next: 1 }])
    assert.throws(() => verifySeal(at, body, checkpoint, key), refusedWith('key'))
  const same = { present: lsk(0), next: key.publicKey }
  assert.throws(() => seal(emptyLog, stamp, same, salt), refusedWith('key'))
})

function typeOf(entry: Entry): string {
  return (JSON.parse(entry.header) as { type: string }).type
}

function logOf(entries: readonly Entry[]): LogEnd {
  return entries.reduce<LogEnd>((at, entry) => {
    const { end } = verifyEntry(at.end, entry)
    return { end, tree: grow(at.tree, end.leaf).tree }
  }, emptyLog)
}
