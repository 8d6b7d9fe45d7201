import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type ChainEnd,
  ChainError,
  type Entry,
  emptyChain,
  leafOf,
  makeEntry,
  type NewFact,
  readHeader,
  verifyEntry,
} from '../src/index.ts'

const salt = Uint8Array.from({ length: 16 }, (_, i) => i)
const fact: NewFact = {
  boot: '6e7b2a31-2d0a-4c0e-9b1f-0b7d5a8f1c55',
  up: 12_340,
  t: '2026-11-22T08:00:00.000Z',
  type: 'request.created',
  body: { user: 'uid:1000:anna', minutes: 15 },
}

function chainOf(bodies: readonly unknown[]): Entry[] {
  let at: ChainEnd = emptyChain
  return bodies.map((body) => {
    const made = makeEntry(at, { ...fact, body }, salt)
    at = made.end
    return made.entry
  })
}

function verifyAll(entries: readonly Entry[]): ChainEnd {
  return entries.reduce<ChainEnd>((at, entry) => verifyEntry(at, entry).end, emptyChain)
}

const refusedWith = (code: string) => (error: unknown) => error instanceof ChainError && error.code === code

test('an entry is what the protocol says, computed with another library', () => {
  const { entry, end } = makeEntry(emptyChain, fact, salt)
  const bh = createHash('sha256')
    .update('AAECAwQFBgcICQoLDA0ODw.{"minutes":15,"user":"uid:1000:anna"}')
    .digest('hex')
  const header =
    `{"bh":"${bh}","boot":"6e7b2a31-2d0a-4c0e-9b1f-0b7d5a8f1c55","prev":"${'0'.repeat(64)}","seq":0,` +
    `"t":"2026-11-22T08:00:00.000Z","type":"request.created","up":12340,"v":1}`
  assert.deepEqual(entry, { header, salt: 'AAECAwQFBgcICQoLDA0ODw', body: fact.body })
  const leaf = createHash('sha256').update(`\0${header}`).digest('hex')
  assert.deepEqual(end, { size: 1, leaf })
})

test('a hash that is handed in is the only one used', () => {
  let calls = 0
  const counted = (bytes: Uint8Array) => {
    calls += 1
    return createHash('sha256').update(bytes).digest()
  }
  const made = makeEntry(emptyChain, fact, salt, counted)
  assert.deepEqual(made, makeEntry(emptyChain, fact, salt))
  assert.deepEqual(verifyEntry(emptyChain, made.entry, counted).end, made.end)
  assert.equal(calls, 4, 'body and leaf, when made and when verified')
  const zeros = () => new Uint8Array(32)
  assert.throws(() => verifyEntry(emptyChain, made.entry, zeros), refusedWith('body'))
})

test('EVID-1: the next entry carries the leaf of the one before', () => {
  const [first, second] = chainOf([1, 2])
  assert.ok(first && second)
  assert.equal(readHeader(second.header).prev, leafOf(first.header))
})

test('every chain that was made verifies, also after being stored as JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 12 }), (bodies) => {
      const stored = JSON.parse(JSON.stringify(chainOf(bodies)))
      assert.equal(verifyAll(stored).size, bodies.length)
    }),
  )
})

test('EVID-1, EVID-5: a changed body, a left-out, a repeated and an exchanged entry are each named', () => {
  const [a, b, c] = chainOf(['a', 'b', 'c'])
  assert.ok(a && b && c)
  assert.throws(() => verifyAll([a, { ...b, body: 'x' }, c]), refusedWith('body'))
  assert.throws(() => verifyAll([a, c]), refusedWith('sequence'))
  assert.throws(() => verifyAll([a, a]), refusedWith('sequence'))
  const [, other] = chainOf(['z', 'b'])
  assert.ok(other)
  assert.throws(() => verifyAll([a, other]), refusedWith('join'))
  assert.throws(() => verifyAll([{ ...a, salt: `${a.salt.slice(0, -1)}x` }]), refusedWith('salt'))
})

test('EVID-11: what is said about people is in the body only; without it the chain still joins', () => {
  const entries = chainOf([{ user: 'uid:1000:anna' }, { reason: 'printer' }, { user: 'uid:1000:anna' }])
  let before: ChainEnd = emptyChain
  for (const { header } of entries) {
    assert.ok(!/anna|printer/.test(header))
    before = verifyEntry(before, { header, salt: null, body: null }).end
  }
  assert.deepEqual(before, verifyAll(entries))
  const [first] = chainOf([{ user: 'anna' }])
  assert.ok(first)
  assert.throws(() => verifyEntry(emptyChain, { ...first, body: null }), refusedWith('body'))
  const unsalted = JSON.parse(JSON.stringify({ ...first, salt: null }))
  assert.throws(
    () => verifyEntry(emptyChain, unsalted),
    refusedWith('salt'),
    'a body that nothing vouches for',
  )
  const salted = makeEntry(
    emptyChain,
    { ...fact, body: { user: 'anna' } },
    salt.map((byte) => byte ^ 1),
  ).entry
  assert.notEqual(
    readHeader(salted.header).bh,
    readHeader(first.header).bh,
    'a body cannot be guessed from its hash',
  )
})

test('CODE-2: a header has one spelling only', () => {
  const { entry } = makeEntry(emptyChain, fact, salt)
  for (const other of [
    ` ${entry.header}`,
    entry.header.replace('"v":1', '"v":1.0'),
    entry.header.replace('"v":1', '"v":1,"v":1'),
    entry.header.replace('"v":1', '"v":2'),
    entry.header.replace('"v":1', '"v":1,"w":1'),
    entry.header.replace('"up":12340', '"up":-1'),
    entry.header.replace('request', 'Request'),
    '[]',
    '',
  ]) {
    assert.throws(() => readHeader(other), refusedWith('header'), other)
  }
})

test('EVID-1: any one changed character of a header is refused', () => {
  const { entry } = makeEntry(emptyChain, fact, salt)
  fc.assert(
    fc.property(
      fc.nat(entry.header.length - 1),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
      (at, symbol) => {
        fc.pre(entry.header[at] !== symbol)
        const changed = entry.header.slice(0, at) + symbol + entry.header.slice(at + 1)
        const leaf = (() => {
          try {
            return verifyEntry(emptyChain, { ...entry, header: changed }).end.leaf
          } catch (error) {
            assert.ok(error instanceof ChainError)
            return undefined
          }
        })()
        // `boot`, `up`, `t` and `type` may change to another valid value: then the leaf, and so the next join, differs.
        assert.notEqual(leaf, leafOf(entry.header))
      },
    ),
  )
})

test('what has no canonical JSON form is not written', () => {
  for (const body of [undefined, Number.NaN, '\ud800', { a: 1n }, () => 1])
    assert.throws(() => makeEntry(emptyChain, { ...fact, body }, salt), refusedWith('body'))
  assert.throws(() => makeEntry(emptyChain, { ...fact, up: 0.5 }, salt), refusedWith('header'))
  assert.throws(() => makeEntry(emptyChain, { ...fact, boot: '' }, salt), refusedWith('header'))
  assert.throws(() => makeEntry(emptyChain, fact, salt.subarray(1)), refusedWith('salt'))
})
