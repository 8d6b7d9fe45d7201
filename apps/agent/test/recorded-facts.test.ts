import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetClock } from '../src/clock/fake/set-clock.ts'
import { printable } from '../src/config/printable.ts'
import type { Fact } from '../src/journal/fact.ts'
import type { ElevatedProcess } from '../src/record/record.ts'
import { RecordedFacts } from '../src/session/recorded-facts.ts'

const sessionId = '0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e'

function recorded() {
  const clock = new SetClock()
  const batches: Fact[][] = []
  const journal = {
    full: false,
    append: async (facts: readonly Fact[]) => {
      if (journal.full) throw new Error('full')
      batches.push([...facts])
    },
  }
  const log = { info: () => undefined, error: () => undefined }
  const facts = new RecordedFacts({ sessionId, journal, clock, log, onBatch: () => undefined })
  const all = () => batches.flat()
  return { clock, batches, journal, facts, all }
}

const started = (n: number, changes: Partial<ElevatedProcess> = {}): ElevatedProcess => ({
  kind: 'process',
  id: `1.000:${n}`,
  pid: n,
  ppid: 1,
  exe: '/usr/bin/true',
  argv: ['true'],
  argvEscaped: [],
  cwd: '/',
  uid: 0,
  auid: 1000,
  startedAtMs: 5,
  bootMs: 5,
  sha256: null,
  ...changes,
})

test('few facts wait a quarter of a second for company, many go at once, in order', async () => {
  const { clock, batches, facts, all } = recorded()
  facts.take(started(1))
  await clock.pass(200)
  assert.equal(batches.length, 0)
  await clock.pass(100)
  assert.equal(batches.length, 1)
  for (let n = 2; n <= 500; n++) facts.take(started(n))
  assert.ok(await facts.flush())
  assert.deepEqual(
    all().map(({ body }) => ('pid' in body ? body.pid : 0)),
    Array.from({ length: 500 }, (_, i) => i + 1),
  )
  assert.ok(batches.every((batch) => batch.length <= 200))
})

test('beyond what can be held facts are dropped, and the gap is a fact of its own', async () => {
  const { clock, journal, facts, all } = recorded()
  journal.full = true
  for (let n = 1; n <= 20_005; n++) facts.take(started(n))
  assert.equal(await facts.flush(), false)
  journal.full = false
  await clock.pass(6_000)
  assert.equal(all().filter(({ type }) => type === 'process.elevated').length, 20_000)
  const last = all().at(-1)
  assert.equal(last?.type, 'recording.gap')
  assert.equal(facts.gaps, 1)
  assert.equal(facts.processes, 20_005)
})

test('an end is told with the start it belongs to; an unknown one is not made up', async () => {
  const { facts, all } = recorded()
  facts.take(started(7, { startedAtMs: 1_000 }))
  const end = { kind: 'ended', pid: 7, auid: 1000, exitCode: null, signal: 9, endedAtMs: 2_000 } as const
  facts.take({ ...end, id: '1.000:7' })
  facts.take({ ...end, id: '1.000:8' })
  await facts.flush()
  assert.deepEqual(
    all().map(({ type }) => type),
    ['process.elevated', 'process.ended'],
  )
  const [, ended] = all()
  assert.deepEqual(ended?.body, {
    sessionId,
    pid: 7,
    startedAt: '1970-01-01T00:00:01.000Z',
    endedAt: '1970-01-01T00:00:02.000Z',
    exitCode: null,
    signal: 'SIGKILL',
  })
})

test('text for the journal has no control characters and no broken Unicode', () => {
  assert.equal(printable('/tmp/a\u001b[31m\nb\u0085c\ud800'), '/tmp/a\\x1b[31m\\x0ab\\x85c\ufffd')
  assert.equal(printable('x'.repeat(5_000)).length, 4_096)
  assert.ok(printable(`${'x'.repeat(4_095)}\u{1F600}`).isWellFormed())
})
