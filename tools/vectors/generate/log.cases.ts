import { sha256, toHex } from './bytes.ts'
import { laptop, type VectorCase, type VectorFile } from './fixtures.ts'
import * as log from './log.ts'

export const tenant = toHex(laptop.tenant)
export const deviceId = toHex(laptop.deviceId)
export const deviceOrigin = `stint/${tenant}/device/${deviceId}`
export const ledgerOrigin = `stint/${tenant}/ledger`

export const stamp = (up: number): log.Stamp => ({ boot: 'boot-1', up, t: '2026-11-22T08:00:00.000Z' })

/** Entries with these bodies, one type each. */
export function chain(...facts: readonly (readonly [type: string, body: unknown])[]): log.Entry[] {
  const entries: log.Entry[] = []
  for (const [type, body] of facts) entries.push(log.entryAfter(entries, stamp(entries.length), type, body))
  return entries
}

const good = chain(
  ['policy.applied', { serial: 118 }],
  ['request.created', { userName: 'Zoë', reason: 'Drucker läuft nicht', minutes: 15, ticket: null }],
  ['process.elevated', { args: ['ls', '-la', '\u0007', 'e\u0301'], ä: 1, z: { b: 2, a: [true, false, -7] } }],
)

export function entriesFile(): VectorFile {
  const [a, b, c] = good as [log.Entry, log.Entry, log.Entry]
  const leaves = good.map(({ header }) => log.leafOf(header))
  const whole = { size: 3, leaves }
  const edit = (entry: log.Entry, change: Partial<log.Entry>): log.Entry => ({ ...entry, ...change })
  const refused = (id: string, why: string, entries: readonly unknown[], word: string): VectorCase => ({
    ...{ id: `entry-${id}`, why },
    in: { entries },
    out: { refused: word },
  })
  const dropped = { header: b.header, salt: null, body: null }
  return {
    name: 'entries.json',
    note: 'a log from its first entry on. See spec/evidence.md, entries',
    vectors: [
      { id: 'entries-good', why: 'three entries, text beyond ASCII', in: { entries: good }, out: whole },
      {
        id: 'entries-dropped',
        why: 'a dropped body leaves all leaves',
        in: { entries: [a, dropped, c] },
        out: whole,
      },
      { id: 'entries-none', why: 'an empty log', in: { entries: [] }, out: { size: 0, leaves: [] } },
      refused('body', 'another body', [a, edit(b, { body: { minutes: 16 } }), c], 'entry-body'),
      refused(
        'salt',
        'unused bits of the salt are set',
        [edit(a, { salt: a.salt.replace(/.$/, 'B') })],
        'entry-body',
      ),
      refused('unsalted', 'a body that no salt belongs to', [{ ...a, salt: null }], 'entry-body'),
      refused('gap', 'an entry is left out', [a, c], 'entry-gap'),
      refused('twice', 'an entry stands twice', [a, a, b], 'entry-gap'),
      refused('order', 'entries are exchanged', [b, a, c], 'entry-gap'),
      refused('join', 'the entry before was another one', [...chain(['boot', {}]), b], 'entry-join'),
      refused(
        'space',
        'a header with a space',
        [edit(a, { header: a.header.replace('{', '{ ') })],
        'entry-form',
      ),
      refused(
        'member',
        'a member too many',
        [edit(a, { header: a.header.replace('}', ',"w":1}') })],
        'entry-form',
      ),
      refused(
        'version',
        'another version',
        [edit(a, { header: a.header.replace('"v":1', '"v":2') })],
        'entry-form',
      ),
      refused(
        'number',
        'a number written in another way',
        [edit(a, { header: a.header.replace('"up":0', '"up":0.0') })],
        'entry-form',
      ),
    ],
  }
}

export const leaves = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => toHex(sha256(new TextEncoder().encode(`\0leaf ${i}`))))

export function treeFile(): VectorFile {
  return {
    name: 'tree.json',
    note: 'leaf i is H(0x00 ‖ "leaf i"), i in decimal. See spec/evidence.md, tree',
    vectors: Array.from({ length: 71 }, (_, leafCount) => ({
      id: `tree-${leafCount}`,
      why: leafCount === 0 ? 'an empty tree' : `the first ${leafCount} leaves`,
      in: { leafCount },
      out: { root: log.root(leaves(leafCount)), frontier: log.frontier(leaves(leafCount)) },
    })),
  }
}

const inclusions = [
  [0, 1],
  [0, 2],
  [1, 2],
  [2, 3],
  [0, 5],
  [4, 5],
  [3, 7],
  [6, 7],
  [7, 8],
  [12, 13],
  [31, 33],
  [32, 33],
  [69, 70],
] as const
const consistencies = [
  [0, 0],
  [0, 3],
  [1, 1],
  [1, 2],
  [2, 3],
  [3, 5],
  [4, 5],
  [4, 8],
  [6, 7],
  [7, 8],
  [8, 13],
  [13, 33],
  [32, 70],
  [69, 70],
] as const

export function proofsFile(): VectorFile {
  const claim = (index: number, size: number) => ({
    ...{ index, size, leaf: leaves(size)[index] ?? '', root: log.root(leaves(size)) },
    proof: log.path(index, leaves(size)),
  })
  const link = (oldSize: number, size: number) => ({
    ...{ oldSize, size, oldRoot: log.root(leaves(oldSize)), root: log.root(leaves(size)) },
    proof: log.consistency(oldSize, leaves(size)),
  })
  const no = (id: string, why: string, wrong: object): VectorCase => ({
    id,
    why,
    in: wrong,
    out: { holds: false },
  })
  const [one, two] = [claim(4, 5), link(3, 5)]
  const [firstOf, firstTwo] = [one.proof[0] ?? '', two.proof[0] ?? '']
  return {
    name: 'proofs.json',
    note: 'trees of tree.json. See spec/evidence.md, tree',
    vectors: [
      ...inclusions.map(([i, n]) => ({
        id: `inclusion-${i}-${n}`,
        why: `leaf ${i} of ${n}`,
        in: claim(i, n),
        out: { holds: true },
      })),
      ...consistencies.map(([m, n]) => ({
        id: `consistency-${m}-${n}`,
        why: `${m} leaves, then ${n}`,
        in: link(m, n),
        out: { holds: true },
      })),
      no('inclusion-other-leaf', 'another leaf', { ...one, leaf: leaves(4)[3] }),
      no('inclusion-other-place', 'another place', { ...one, index: 3 }),
      no('inclusion-other-size', 'a size whose way up is longer', { ...one, size: 6 }),
      no('inclusion-beyond', 'a place beyond the end', { ...one, index: 5 }),
      no('inclusion-other-root', 'the root of the tree before', { ...one, root: log.root(leaves(4)) }),
      no('inclusion-longer', 'a hash too many', { ...one, proof: [...one.proof, firstOf] }),
      no('inclusion-shorter', 'a hash too few', { ...one, proof: [] }),
      no('consistency-other-old', 'another earlier tree', { ...two, oldRoot: log.root(leaves(4)) }),
      no('consistency-other-new', 'another later tree', { ...two, root: log.root(leaves(6)) }),
      no('consistency-backwards', 'the later tree is smaller', { ...link(5, 5), size: 4 }),
      no('consistency-longer', 'a hash too many', { ...two, proof: [...two.proof, firstTwo] }),
      no('consistency-shorter', 'a hash too few', { ...two, proof: two.proof.slice(1) }),
      no('consistency-equal-sizes', 'equal sizes and different roots', {
        ...link(5, 5),
        oldRoot: log.root(leaves(4)),
      }),
      no('consistency-needless', 'equal sizes and a proof', { ...link(5, 5), proof: [firstTwo] }),
      no('consistency-empty', 'an empty tree with a root of something', {
        ...link(0, 3),
        oldRoot: log.root(leaves(1)),
      }),
    ],
  }
}
