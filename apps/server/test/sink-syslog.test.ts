import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { SyslogTarget } from '../src/slices/sinks/targets.ts'
import { actor, type SinkWorld, sinkWorld, upTo } from './sink-world.ts'
import { prepareRsyslog, rsyslogMissing, type TestRsyslog, type Understood } from './test-rsyslog.ts'

const missing = rsyslogMissing()
if (missing !== null && process.env.CI === 'true') throw new Error(missing)

const strange = 'Ünïcödé "quoted" ]bracket\\ line\nbreak'

describe('facts to a real rsyslog', { skip: missing ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-rsyslog-'))
  let rsyslog: TestRsyslog
  let db: Database
  let world: SinkWorld
  const numbers = (messages: readonly Understood[]) => messages.map(({ text }) => JSON.parse(text).seq)
  const target = (port: keyof TestRsyslog['ports'], tls: SyslogTarget['tls'], host = 'localhost') =>
    ({ kind: 'syslog', host, port: rsyslog.ports[port], tls }) as const
  const trusting = () => ({ ca: rsyslog.ca, clientCertificate: null })

  before(async () => {
    rsyslog = await prepareRsyslog(folder)
  })
  beforeEach(async () => {
    db = await openDatabase(':memory:')
    world = sinkWorld(db)
    await rsyslog.start()
  })
  after(async () => {
    await rsyslog.kill()
    rmSync(folder, { recursive: true })
  })

  for (const [how, port, tls] of [
    ['TCP', 'plain', () => null],
    ['TLS', 'tls', trusting],
  ] as const)
    test(`A8: over ${how} it gets every fact in order, and understands every field`, async () => {
      await world.happened(600, { text: strange })
      const { id } = await world.made({ target: target(port, tls()) })
      await world.sinks.send()
      assert.equal((await world.row(id)).last_error, null)
      const messages = await rsyslog.drained()
      assert.deepEqual(numbers(messages), upTo(601))
      const [first, made] = [messages[0], messages[600]]
      const at = new Date(world.clock.now()).toISOString()
      const [row] = await world.parts.facts.rows(0, 1)
      assert.deepEqual(
        [first?.pri, first?.host, first?.app, first?.process, first?.id, Date.parse(first?.at ?? '')],
        ['109', 'stint.example.org', 'stint', '-', 'person.changed', world.clock.now()],
      )
      assert.equal(
        first?.data,
        `[stint@32473 seq="0" type="person.changed" actor="server" subject="person:0" leaf="${row?.leaf}" dropped="false"]`,
      )
      assert.deepEqual(JSON.parse(first?.text ?? ''), {
        ...{ seq: 0, at, type: 'person.changed', actor: 'server', subject: 'person:0' },
        ...{ body: { text: strange }, dropped: false, leaf: row?.leaf },
      })
      assert.equal(made?.id, 'sink.created')
    })

  test('a receiver that wants our certificate gets it; without one nothing arrives', async () => {
    const tls = { ca: rsyslog.ca, clientCertificate: rsyslog.client.cert }
    const known = { target: target('mutual', tls), clientKey: rsyslog.client.key }
    const { id } = await world.made(known)
    const stranger = await world.made({ target: target('mutual', trusting()) })
    await world.sinks.send()
    assert.deepEqual([(await world.row(id)).position, (await world.row(id)).last_error], [2, null])
    const refused = await world.row(stranger.id)
    assert.equal(refused.position, 0)
    assert.match(refused.last_error ?? '', /cut the connection|does not speak TLS|It failed/)
    assert.deepEqual(numbers(await rsyslog.drained()), [0, 1])
  })

  test('a certificate for another name, or of an authority that nobody trusts: refused with the reason', async () => {
    const wrongName = await world.made({ target: target('tls', trusting(), '127.0.0.1') })
    const unknown = await world.made({ target: target('tls', { ca: null, clientCertificate: null }) })
    const plain = await world.made({ target: target('plain', trusting()) })
    const impatient = sinkWorld(db, { patienceMs: 2_000, means: world.parts.means })
    await impatient.sinks.send()
    const error = async ({ id }: { id: string }) => (await world.row(id)).last_error
    assert.equal(await error(wrongName), 'The certificate of the receiver is for another name.')
    assert.equal(
      await error(unknown),
      'The certificate of the receiver is not from an authority that is trusted here.',
    )
    assert.match((await error(plain)) ?? '', /took too long|cut the connection|TLS/)
    const found = (await rsyslog.drained()).filter(({ app }) => app === 'stint')
    assert.deepEqual(found, [])
  })

  test('killed and away for a while: it gets all that happened, in order', async () => {
    const { id } = await world.made({ target: target('plain', null) })
    await world.sinks.send()
    await rsyslog.kill()
    await world.happened(10)
    await world.sinks.send()
    assert.equal((await world.row(id)).last_error, 'Nothing listens at that address.')
    await world.happened(10)
    world.clock.pass(5_000)
    await rsyslog.start()
    await world.sinks.send()
    assert.equal((await world.row(id)).position, 21)
    const arrived = numbers(await rsyslog.drained())
    assert.deepEqual(arrived.slice(-20), upTo(21).slice(1))
  })

  test('a test fact arrives, and the position stays', async () => {
    const { id } = await world.made({ target: target('plain', null) })
    assert.deepEqual(await world.sinks.test(actor, id), { ok: true, value: null })
    const [message] = await rsyslog.drained()
    assert.deepEqual([message?.id, JSON.parse(message?.text ?? '').seq], ['test', null])
    assert.equal((await world.row(id)).position, 0)
  })
})

describe('facts to a syslog receiver that does not behave', () => {
  for (const [what, behave, words] of [
    ['hangs up at once', (socket: Socket) => socket.destroy(), 'The receiver cut the connection.'],
    [
      'cuts in the middle',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
      'The receiver cut the connection.',
    ],
    ['never says that it has all', (socket: Socket) => socket.resume(), 'The receiver took too long.'],
    ['does not read', (socket: Socket) => socket.pause(), 'The receiver took too long.'],
  ] as const)
    test(`one that ${what}: nothing is confirmed`, async () => {
      const open = new Set<Socket>()
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        open.add(socket.on('error', () => undefined))
        behave(socket)
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const db = await openDatabase(':memory:')
      const world = sinkWorld(db, { patienceMs: 1_000 })
      await world.happened(500, { text: 'x'.repeat(900) })
      const { port } = server.address() as AddressInfo
      const { id } = await world.made({ target: { kind: 'syslog', host: '127.0.0.1', port, tls: null } })
      await world.sinks.send()
      const row = await world.row(id)
      assert.deepEqual([row.position, row.failures, row.last_error], [0, 1, words])
      for (const socket of open) socket.destroy()
      server.close()
      await db.close()
    })
})
