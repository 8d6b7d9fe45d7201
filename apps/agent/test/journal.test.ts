import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { emptyChain, emptyTree, grow, leafOf, rootOf, verifyEntry } from '@stint/chain'
import { Fault } from '@stint/elevation'
import fc from 'fast-check'
import { type Disk, FileDisk } from '../src/config/disk.ts'
import type { Fact } from '../src/journal/fact.ts'
import { Journal } from '../src/journal/journal.ts'
import { MemoryDisk } from './memory-disk.ts'

const clock = {
  now: () => ({ bootId: 'b-1', bootMs: 5_000, wallMs: Date.UTC(2026, 10, 22) }),
  after: () => ({ cancel: () => undefined }),
}
const random = (bytes: number) => new Uint8Array(bytes).fill(7)
const open = (disk: Disk, dir = '/j', segmentBytes = 1_000) =>
  Journal.open({ disk, clock, random, dir, segmentBytes })
const applied = (serial: number): Fact => ({ type: 'policy.applied', body: { serial } })
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => applied(from + i))
const hasCode = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

async function serials(journal: Journal): Promise<unknown[]> {
  const entries = await journal.read(0, 1000)
  entries.reduce((at, entry) => verifyEntry(at, entry).end, emptyChain)
  return entries.map(({ body }) => (body as { serial: number }).serial)
}

test('what was appended is read back by a new journal, over several segments', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk)
  for (let i = 0; i < 12; i++) await journal.append([applied(i)])
  assert.ok(disk.files.size > 2)
  const again = await open(disk.rebooted())
  assert.equal(again.size, 12)
  assert.deepEqual(await serials(again), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  assert.deepEqual((await again.read(5, 2)).length, 2)
  assert.equal(await again.leafAt(12), undefined)
})

test('EVID-12: a journal cut at any byte keeps every whole entry before the cut and goes on from there', async () => {
  const disk = new MemoryDisk()
  await (await open(disk, '/j', 1e6)).append(numbers(0, 4))
  const [path, content] = [...disk.files][0] ?? assert.fail('no segment')
  for (let cut = 0; cut <= content.length; cut++) {
    const cutDisk = new MemoryDisk()
    cutDisk.files.set(path, content.slice(0, cut))
    const journal = await open(cutDisk, '/j', 1e6)
    const whole = content.subarray(0, cut).filter((byte) => byte === 10).length
    assert.equal(journal.size, whole, `cut at ${cut}`)
    await journal.append([applied(99)])
    const kept = Array.from({ length: whole }, (_, i) => i)
    assert.deepEqual(await serials(await open(cutDisk, '/j', 1e6)), [...kept, 99])
  }
})

test('EVID-12: pages that were never written (zeros) at the end are a torn batch, not damage', async () => {
  const disk = new MemoryDisk()
  await (await open(disk, '/j', 1e6)).append(numbers(0, 3))
  const [path, content] = [...disk.files][0] ?? assert.fail('no segment')
  const second = content.indexOf(10) + 1
  content.fill(0, second, second + 20)
  disk.files.set(path, content)
  assert.equal((await open(disk, '/j', 1e6)).size, 1)
})

test('EVID-1, EVID-12: any changed byte before the end is refused as damage, never skipped', async () => {
  const disk = new MemoryDisk()
  await (await open(disk, '/j', 1e6)).append(numbers(0, 3))
  const [path, content] = [...disk.files][0] ?? assert.fail('no segment')
  const lastLine = content.lastIndexOf(10, content.length - 2) + 1
  await fc.assert(
    fc.asyncProperty(fc.nat(lastLine - 2), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Uint8Array.from(content)
      changed[at] = (changed[at] ?? 0) ^ flip
      fc.pre(changed[at] !== 0)
      const bad = new MemoryDisk()
      bad.files.set(path, changed)
      await assert.rejects(open(bad, '/j', 1e6), hasCode('journal-damaged'))
    }),
    { numRuns: 150 },
  )
})

test('EVID-12: a damaged or missing older segment is refused when it is read, the newer one when it is opened', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk, '/j', 300)
  for (let i = 0; i < 6; i++) await journal.append([applied(i)])
  const paths = [...disk.files.keys()].filter((path) => path.endsWith('.jsonl')).sort()
  const without = disk.rebooted()
  without.files.delete(paths.at(-2) ?? '')
  await assert.rejects(open(without, '/j', 300), hasCode('journal-damaged'))
  const oldest = disk.rebooted()
  const content = oldest.files.get(paths[0] ?? '') ?? assert.fail('no segment')
  content[Buffer.from(content).indexOf('serial')] = 120
  const opened = await open(oldest, '/j', 300)
  await assert.rejects(opened.read(0, 10), hasCode('journal-damaged'))
})

test('EVID-12, EVID-9: the tree goes on from its kept frontier, is made again from all segments, or the start is refused', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk, '/j', 300)
  const roots = [rootOf(journal.log.tree)]
  for (let i = 0; i < 9; i++) {
    await journal.append([applied(i)])
    const again = await open(disk.rebooted(), '/j', 300)
    assert.deepEqual(again.log, journal.log)
    roots.push(rootOf(again.log.tree))
  }
  const leaves = (await journal.read(0, 100)).map(({ header }) => leafOf(header))
  const trees = leaves.map((_, i) =>
    leaves.slice(0, i + 1).reduce((tree, leaf) => grow(tree, leaf).tree, emptyTree),
  )
  assert.deepEqual(
    roots,
    [emptyTree, ...trees].map((tree) => rootOf(tree)),
  )
  const segments = [...disk.files.keys()].filter((path) => path.endsWith('.jsonl')).sort()
  assert.ok(segments.length > 3)
  for (const content of [null, 'torn', '{"end":{"size":2,"leaf":""},"tree":{"size":3,"frontier":[]}}']) {
    const without = disk.rebooted()
    if (content === null) without.files.delete('/j/tree.json')
    else without.files.set('/j/tree.json', Buffer.from(content))
    assert.deepEqual((await open(without, '/j', 300)).log, journal.log)
    without.files.delete(segments[0] ?? '')
    await assert.rejects(open(without, '/j', 300), hasCode('journal-damaged'))
  }
  const deleted = disk.rebooted()
  for (const path of segments.slice(0, -1)) deleted.files.delete(path)
  const shorter = await open(deleted, '/j', 300)
  assert.deepEqual(shorter.log, journal.log)
  await shorter.append([applied(9)])
  for (const path of deleted.files.keys()) if (path.endsWith('.jsonl')) deleted.files.delete(path)
  await assert.rejects(open(deleted, '/j', 300), hasCode('journal-damaged'))
})

test('pages of one segment are read from the disk once, and again only when it has grown', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk, '/j', 1e6)
  await journal.append(numbers(0, 50))
  const { mock: calls } = mock.method(disk, 'read')
  for (let from = 0; from < 50; from += 10) assert.equal((await journal.read(from, 10)).length, 10)
  assert.equal(calls.callCount(), 1)
  await journal.append(numbers(50, 52))
  assert.deepEqual(
    await serials(journal),
    numbers(0, 52).map(({ body }) => (body as { serial: number }).serial),
  )
  assert.equal(calls.callCount(), 2)
})

test('what a failed append left is neither read nor remembered', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk, '/j', 1e6)
  await journal.append(numbers(0, 2))
  const other = disk.rebooted()
  await (await open(other, '/j', 1e6)).append([applied(7)])
  for (const [path, content] of other.files) disk.files.set(path, content)
  assert.deepEqual(await serials(journal), [0, 1])
  await journal.append([applied(8)])
  assert.deepEqual(await serials(journal), [0, 1, 8])
})

test('a segment that was damaged behind what was read is refused', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk, '/j', 1e6)
  await journal.append(numbers(0, 2))
  await journal.read(0, 10)
  await journal.append(numbers(2, 4))
  const [path, content] = [...disk.files][0] ?? assert.fail('no segment')
  const changed = content.slice()
  changed[changed.length - 20] = 120
  disk.files.set(path, changed)
  await assert.rejects(journal.read(2, 10), hasCode('journal-damaged'))
})

test('a full disk is a fault, nothing of that call counts, and the next call joins the last durable entry', async () => {
  const disk = new MemoryDisk()
  const journal = await open(disk)
  await journal.append([applied(0)])
  disk.full = true
  await assert.rejects(journal.append(numbers(1, 3)), hasCode('disk-full'))
  assert.equal(journal.size, 1)
  disk.full = false
  await journal.append([applied(5)])
  assert.deepEqual(await serials(await open(disk.rebooted())), [0, 5])
})

test('appends asked at the same time keep their order', async () => {
  const journal = await open(new MemoryDisk())
  await Promise.all([1, 2, 3].map((i) => journal.append([applied(i)])))
  assert.deepEqual(await serials(journal), [1, 2, 3])
})

test('a body that is not as agreed is not written', async () => {
  const journal = await open(new MemoryDisk())
  const wrong = { type: 'policy.applied', body: { serial: -1 } } as const
  await assert.rejects(journal.append([wrong]), hasCode('malformed'))
  assert.equal(journal.size, 0)
})

test('on a real disk: appends are whole, a failed append is overwritten, files are for root only', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'stint-journal-'))
  try {
    const disk = new FileDisk()
    const journal = await open(disk, dir)
    await journal.append(numbers(0, 2))
    const path = join(dir, '000000000000000.jsonl')
    const durable = (await disk.read(path))?.length ?? 0
    await disk.append(path, durable, Buffer.from('{"torn'))
    const again = await open(disk, dir)
    assert.equal(again.size, 2)
    await again.append([applied(2)])
    assert.deepEqual(await serials(await open(disk, dir)), [0, 1, 2])
    await disk.replace(join(dir, 'x'), Buffer.from('1'))
    await disk.replace(join(dir, 'x'), Buffer.from('2'))
    assert.equal(Buffer.from((await disk.read(join(dir, 'x'))) ?? []).toString(), '2')
    assert.equal(await disk.read(join(dir, 'absent')), null)
    await assert.rejects(disk.append(path, 1e9, Buffer.from('x')), hasCode('disk-failed'))
  } finally {
    await rm(dir, { recursive: true })
  }
})

const skip = process.getuid?.() === 0 ? false : 'mounts a small disk: needs root'
test('on a disk that is really full: a fault by name, the old content stays, and space makes it go on', {
  skip,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'stint-full-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]).status === 0
  try {
    assert.ok(mounted)
    const disk = new FileDisk()
    const journal = await open(disk, join(dir, 'journal'), 1e6)
    await journal.append([applied(0)])
    await disk.replace(join(dir, 'state.json'), Buffer.from('old'))
    const filler = join(dir, 'filler')
    await assert.rejects(disk.append(filler, 0, Buffer.alloc(1e6)), hasCode('disk-full'))
    await assert.rejects(disk.replace(join(dir, 'state.json'), Buffer.alloc(1e5)), hasCode('disk-full'))
    await assert.rejects(journal.append(numbers(1, 200)), hasCode('disk-full'))
    assert.equal(Buffer.from((await disk.read(join(dir, 'state.json'))) ?? []).toString(), 'old')
    await rm(filler)
    await journal.append([applied(1)])
    assert.deepEqual(await serials(await open(disk, join(dir, 'journal'), 1e6)), [0, 1])
  } finally {
    if (mounted) spawnSync('umount', [dir])
    await rmdir(dir)
  }
})
