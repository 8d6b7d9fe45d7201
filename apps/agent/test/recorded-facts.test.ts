import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy } from '@stint/elevation'
import { parse } from '@stint/wire'
import { journalBodies } from '@stint/wire/journal'
import fc from 'fast-check'
import { SetClock } from '../src/clock/fake/set-clock.ts'
import { printable } from '../src/config/printable.ts'
import type { Fact } from '../src/journal/fact.ts'
import type { ElevatedProcess, GapCause } from '../src/record/record.ts'
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
  const errors: string[] = []
  const log = {
    info: () => undefined,
    error: (message: string, cause: unknown) => errors.push(`${message} ${cause}`),
  }
  const policy = { redact: defaultPolicy.redact }
  const redact = () => policy.redact
  const facts = new RecordedFacts({ sessionId, journal, clock, log, redact, onBatch: () => undefined })
  const all = () => batches.flat()
  return { clock, batches, journal, facts, all, policy, errors }
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

test('REC-4: arguments that the disk does not take fill no more memory than is said', async () => {
  const { clock, journal, facts, all } = recorded()
  journal.full = true
  const argv = ['x'.repeat(200_000)]
  for (let n = 1; n <= 500; n++) facts.take(started(n, { argv }))
  journal.full = false
  await clock.pass(6_000)
  const kept = all().filter(({ type }) => type === 'process.elevated').length
  assert.equal(kept, Math.floor((32 << 20) / 200_000))
  assert.equal(all().at(-1)?.type, 'recording.gap')
  facts.take(started(501, { argv }))
  await facts.flush()
  assert.equal(all().at(-1)?.type, 'process.elevated', 'what was written makes room')
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

test('REC-6: secrets are taken out before a program is held, and how many is a part of the fact', async () => {
  const { clock, journal, facts, all, errors } = recorded()
  journal.full = true
  facts.take(started(1, { argv: ['sh', '-c', 'mysql --password=hunter2 db', '--token', 'hunter2'] }))
  await clock.pass(1_000)
  assert.equal(errors.length, 1)
  journal.full = false
  assert.ok(await facts.flush())
  assert.deepEqual(
    all().map(({ body }) => 'args' in body && [body.args, body.redacted]),
    [[['sh', '-c', 'mysql --password=[redacted] db', '--token', '[redacted]'], 2]],
  )
  assert.ok(!JSON.stringify([all(), errors]).includes('hunter2'))
})

test('REC-6: a policy that changes holds for the programs that follow', async () => {
  const { facts, all, policy } = recorded()
  facts.take(started(1, { argv: ['x', '--key=a'] }))
  policy.redact = ['--key={secret}']
  facts.take(started(2, { argv: ['x', '--key=a'] }))
  await facts.flush()
  assert.deepEqual(
    all().map(({ body }) => 'args' in body && body.args[1]),
    ['--key=a', '--key=[redacted]'],
  )
})

test('REC-7: gaps of one cause that follow each other are one, with how many they were', async () => {
  const { clock, facts, all } = recorded()
  const gap = (fromMs: number, toMs: number, cause: GapCause = 'overrun') =>
    facts.take({ kind: 'gap', fromMs, toMs, cause, detail: 'lost' })
  for (let at = 0; at < 5; at++) {
    gap(at * 1_000, at * 1_000 + 500)
    await clock.pass(1_000)
  }
  gap(9_000, 9_001)
  gap(9_001, 9_002, 'events-missing')
  await clock.pass(3_000)
  assert.deepEqual(
    all().map(({ body }) => 'cause' in body && [body.from, body.to, body.cause]),
    [
      ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:04.500Z', 'overrun: lost (5 times)'],
      ['1970-01-01T00:00:09.000Z', '1970-01-01T00:00:09.001Z', 'overrun: lost'],
      ['1970-01-01T00:00:09.001Z', '1970-01-01T00:00:09.002Z', 'events-missing: lost'],
    ],
  )
  assert.equal(facts.gaps, 3)
})

test('REC-7: a gap that goes on is written every ten seconds, so that a crash does not take it along', async () => {
  const { clock, facts, all } = recorded()
  for (let at = 0; at < 12; at++) {
    facts.take({ kind: 'gap', fromMs: at * 1_000, toMs: at * 1_000 + 900, cause: 'overrun', detail: 'lost' })
    await clock.pass(1_000)
  }
  assert.equal(all().length, 1)
  await facts.flush()
  assert.deepEqual(
    all().map(({ body }) => 'to' in body && body.to),
    ['1970-01-01T00:00:09.900Z', '1970-01-01T00:00:11.900Z'],
  )
})

test('the end of a program that an earlier run of the agent wrote down is told', async () => {
  const { facts, all } = recorded()
  facts.expectEnds([{ id: 'journal:4', pid: 9, startedAtMs: 1_000 }])
  facts.take({
    kind: 'ended',
    id: 'journal:4',
    pid: 9,
    auid: 1000,
    exitCode: 3,
    signal: null,
    endedAtMs: 2_000,
  })
  await facts.flush()
  assert.deepEqual(
    all().map(({ type, body }) => [type, 'startedAt' in body && body.startedAt]),
    [['process.ended', '1970-01-01T00:00:01.000Z']],
  )
})

test('whatever the kernel says, what goes to the journal unchecked is as agreed', async () => {
  const text = fc
    .string({ unit: 'binary', maxLength: 20 })
    .map((short) => short.repeat(1 + (short.length % 3) * 200))
  const count = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const program = fc.record({
    pid: fc.integer({ min: 1, max: 2 ** 22 }),
    ppid: count,
    exe: text,
    argv: fc.array(text, { maxLength: 5 }),
    cwd: text,
    uid: count,
    startedAtMs: fc.integer({ min: 0, max: 253_402_300_799_999 }),
    sha256: fc.option(fc.constant('ab'.repeat(32))),
  })
  const end = fc.oneof(
    fc.record({ exitCode: fc.nat(), signal: fc.constant(null) }),
    fc.record({ exitCode: fc.constant(null), signal: fc.nat(127) }),
  )
  await fc.assert(
    fc.asyncProperty(
      program,
      end,
      fc.integer({ min: 0, max: 253_402_300_799_999 }),
      async (fact, how, endedAtMs) => {
        const { facts, all } = recorded()
        facts.take(started(1, fact))
        facts.take({ kind: 'ended', id: '1.000:1', pid: fact.pid, auid: 1000, endedAtMs, ...how })
        await facts.flush()
        for (const { type, body } of all()) parse(journalBodies[type], body)
        assert.equal(all().length, 2)
      },
    ),
  )
})
