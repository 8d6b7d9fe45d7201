import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { after, before, beforeEach, describe, test } from 'node:test'
import { JsonLogsSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { Webhook } from 'standardwebhooks'
import { type Database, openDatabase } from '../src/db/database.ts'
import type { OutFact } from '../src/slices/sinks/out-fact.ts'
import { SetClock } from './set-clock.ts'
import {
  actor,
  factsIn,
  type HttpReceiver,
  type SinkWorld,
  sinkWorld,
  startHttpReceiver,
  upTo,
} from './sink-world.ts'
import { testAuthority } from './test-certificates.ts'

describe('facts over HTTP', () => {
  let receiver: HttpReceiver
  let db: Database
  let world: SinkWorld

  before(async () => {
    receiver = await startHttpReceiver()
  })
  beforeEach(async () => {
    db = await openDatabase(':memory:')
    // The verifying library compares the time of a call with that of the machine.
    world = sinkWorld(db, {}, new SetClock(Date.now()))
    receiver.calls.length = 0
    Object.assign(receiver, { manner: 200, answer: '' })
  })
  after(() => receiver.close())

  const webhook = () => ({ kind: 'webhook', url: receiver.url, ca: null }) as const
  const verified = (secret: string | null, at = 0) => {
    const call = receiver.calls[at]
    assert.ok(call && secret)
    return new Webhook(secret).verify(call.body, call.headers as Record<string, string>)
  }

  test('A8: the library of Standard Webhooks verifies a batch with the secret that was shown', async () => {
    await world.happened(3, { text: 'Ünïcödé' })
    const { secret } = await world.made({ target: webhook() })
    assert.match(secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/)
    await world.sinks.send()
    const said = verified(secret) as { type: string; facts: OutFact[] }
    assert.equal(said.type, 'stint.facts')
    assert.deepEqual(
      said.facts.map(({ seq, body }) => `${seq} ${body?.text}`),
      [...upTo(3).map((seq) => `${seq} Ünïcödé`), '3 undefined'],
    )
  })

  test('a changed body, another time, another secret: not verified', async () => {
    const { secret } = await world.made({ target: webhook() })
    await world.sinks.send()
    const [call] = receiver.calls
    assert.ok(call && secret)
    const headers = call.headers as Record<string, string>
    const no = /No matching signature/
    assert.throws(() => new Webhook(secret).verify(call.body.replace('sink', 'sank'), headers), no)
    const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }
    assert.throws(() => new Webhook(secret).verify(call.body, later), no)
    const other = `whsec_${Buffer.alloc(32).toString('base64')}`
    assert.throws(() => new Webhook(other).verify(call.body, headers), no)
  })

  test('the same batch sent again has the same id; another has another', async () => {
    await world.made({ target: webhook() })
    receiver.manner = 500
    await world.sinks.send()
    receiver.manner = 200
    world.clock.pass(5_000)
    await world.sinks.send()
    await world.happened(1)
    await world.sinks.send()
    const ids = receiver.calls.map(({ headers }) => headers['webhook-id'])
    assert.equal(ids.length, 3)
    assert.deepEqual([ids[0] === ids[1], ids[1] === ids[2]], [true, false])
  })

  test('a new secret counts at once, and the old one for nothing', async () => {
    const { id, secret } = await world.made({ target: webhook() })
    const renewed = await world.sinks.renewSecret(actor, id)
    assert.ok(renewed.ok && renewed.value.secret !== secret)
    await world.sinks.send()
    assert.throws(() => verified(secret), /No matching signature/)
    assert.ok(verified(renewed.value.secret))
  })

  test('A8: OpenTelemetry logs are what its reference library writes for the same records', async () => {
    await world.happened(2, { text: 'Ünïcödé' })
    const target = { kind: 'otlp', url: receiver.url, ca: null } as const
    await world.made({ target, authorization: 'Bearer abc' })
    await world.sinks.send()
    const [call] = receiver.calls
    assert.ok(call)
    assert.equal(call.headers.authorization, 'Bearer abc')
    assert.equal(call.headers['content-type'], 'application/json')
    const size = await world.size()
    const facts = await world.parts.facts.rows(0, size)
    assert.equal(size, 3)
    assert.deepEqual(withDefaults(JSON.parse(call.body)), await byReference(facts))
  })

  test('a receiver of OpenTelemetry that refuses a part: nothing is confirmed, and it is said', async () => {
    await world.happened(2)
    const { id } = await world.made({ target: { kind: 'otlp', url: receiver.url, ca: null } })
    receiver.answer = '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no"}}'
    await world.sinks.send()
    const row = await world.row(id)
    assert.deepEqual(
      [row.position, row.last_error],
      [0, 'The receiver refused 2 of 3 facts; its own log says why.'],
    )
    receiver.answer = '{"partialSuccess":{}}'
    world.clock.pass(5_000)
    await world.sinks.send()
    assert.equal((await world.row(id)).position, 3)
  })

  test('an answer that is none of OpenTelemetry, or has no end', async () => {
    const { id } = await world.made({ target: { kind: 'otlp', url: receiver.url, ca: null } })
    receiver.answer = '<html>'
    await world.sinks.send()
    assert.equal((await world.row(id)).last_error, 'The receiver does not answer as OpenTelemetry does.')
    receiver.answer = 'x'.repeat(70_000)
    world.clock.pass(5_000)
    await world.sinks.send()
    assert.equal((await world.row(id)).last_error, 'The receiver answers more than it should.')
  })

  test('https: a certificate for the name passes, one for another name is refused with the reason', async () => {
    const folder = mkdtempSync(`${tmpdir()}/stint-https-`)
    const authority = testAuthority(folder)
    const { cert, key } = authority.certificate('siem', 'DNS:localhost')
    let calls = 0
    const server = createServer({ cert, key }, (request, response) => {
      request.resume().on('end', () => {
        calls += 1
        response.end()
      })
    })
    try {
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      const at = (host: string, ca: string | null) =>
        world.made({ target: { kind: 'webhook', url: `https://${host}:${port}/`, ca } })
      const [good, wrongName, unknown] = [
        await at('localhost', authority.pem),
        await at('127.0.0.1', authority.pem),
        await at('localhost', null),
      ]
      await world.sinks.send()
      const outcome = async ({ id }: { id: string }) => (await world.row(id)).last_error
      assert.deepEqual(
        [await outcome(good), await outcome(wrongName), await outcome(unknown)],
        [
          null,
          'The certificate of the receiver is for another name.',
          'The certificate of the receiver is not from an authority that is trusted here.',
        ],
      )
      assert.equal(calls, 1)
    } finally {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true })
    }
  })

  test('a server with another key cannot use a secret, and says so', async () => {
    const { id } = await world.made({ target: webhook() })
    const stranger = sinkWorld(db)
    await stranger.sinks.send()
    assert.equal(
      (await world.row(id)).last_error,
      'The secret of this receiver was kept with another key than this server has.',
    )
    assert.equal(receiver.calls.flatMap(factsIn).length, 0)
  })
})

/** The library writes numbers that are zero by default; ours are not written. */
function withDefaults(request: {
  resourceLogs: { resource: object; scopeLogs: { scope: object; logRecords: object[] }[] }[]
}) {
  return {
    resourceLogs: request.resourceLogs.map(({ resource, scopeLogs }) => ({
      resource: { ...resource, droppedAttributesCount: 0 },
      scopeLogs: scopeLogs.map(({ scope, logRecords }) => ({
        scope,
        logRecords: logRecords.map((record) => ({ ...record, droppedAttributesCount: 0 })),
      })),
    })),
  }
}

type Row = Awaited<ReturnType<SinkWorld['parts']['facts']['rows']>>[number]

/** The same facts as somebody who uses the library would send them. */
async function byReference(rows: readonly Row[]): Promise<unknown> {
  const exporter = new InMemoryLogRecordExporter()
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'stint', 'host.name': 'stint.example.org' }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  })
  const logger = provider.getLogger('stint.ledger')
  for (const { seq, at, type, actor: by, subject, leaf, body } of rows) {
    const { actor: _, subject: __, ...fact } = JSON.parse(body ?? '{}')
    logger.emit({
      ...{ timestamp: new Date(at), observedTimestamp: new Date(at), eventName: `stint.${type}`, body: fact },
      ...{ severityNumber: 10, severityText: 'INFO2' },
      attributes: {
        'stint.seq': seq,
        'stint.actor': by ?? '',
        'stint.subject': subject ?? '',
        'stint.leaf': leaf,
        'stint.dropped': false,
      },
    })
  }
  await provider.forceFlush()
  const written = JsonLogsSerializer.serializeRequest(exporter.getFinishedLogRecords())
  return JSON.parse(Buffer.from(written ?? []).toString('utf8'))
}
