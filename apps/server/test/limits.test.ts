import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pino } from 'pino'
import { openDatabase } from '../src/db/database.ts'
import { createServer } from '../src/index.ts'
import { FakeIssuer } from './fake-issuer.ts'
import { SetClock } from './set-clock.ts'
import { enrolledDevice } from './test-device.ts'
import { Caller } from './test-server.ts'

describe('a server with narrow limits and a built console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-console-'))
  mkdirSync(join(folder, 'dist/assets'), { recursive: true })
  writeFileSync(join(folder, 'dist/index.html'), '<title>Stint</title>')
  writeFileSync(join(folder, 'dist/assets/app-1a2b.js'), 'start()')
  writeFileSync(join(folder, 'secret'), 'not for you')
  after(() => rmSync(folder, { recursive: true }))

  async function narrow(callsPerMinute: number) {
    const db = await openDatabase(':memory:')
    const [clock, issuer] = [new SetClock(), new FakeIssuer()]
    const config = {
      publicUrl: 'http://127.0.0.1:8003',
      consoleFolder: join(folder, 'dist'),
      callsPerMinute,
      passwordMemoryKiB: 1024,
    }
    const log = pino({ level: 'silent' })
    const random = (bytes: number) => randomBytes(bytes)
    const server = await createServer({ db, issuer, clock, timers: clock, random, log, config })
    const made = await server.slices.people.initialise('o@example.org')
    const owner = new Caller(server, { authorization: `Bearer ${made.ok ? made.value.tokenSecret : ''}` })
    return { server, db, clock, issuer, owner }
  }

  test('too many calls from one address are refused with too-many-attempts, those of a proven computer are not', async () => {
    const { server, db, ...more } = await narrow(20)
    const device = await enrolledDevice({ server, db, ...more } as never)
    const codes: number[] = []
    for (let calls = 0; calls < 25; calls++) codes.push((await more.owner.call('GET', '/overview')).status)
    assert.equal(codes.at(-1), 429)
    const refused = await more.owner.call('GET', '/overview')
    assert.deepEqual(
      [refused.body.code, typeof refused.headers['retry-after']],
      ['too-many-attempts', 'string'],
    )
    assert.equal((await device.status()).status, 204)
    await server.close()
    await db.close()
  })

  test('a computer has one limit, however many sessions it opens: too-many-attempts', async () => {
    const { server, db, ...more } = await narrow(20)
    const device = await enrolledDevice({ server, db, ...more } as never)
    for (let calls = 0; calls < 12; calls++) assert.equal((await device.status()).status, 204)
    assert.equal((await device.openSession()).status, 200)
    const later: (string | undefined)[] = []
    for (let calls = 0; calls < 12; calls++) later.push((await device.status()).body.code)
    assert.equal(later.at(-1), 'too-many-attempts')
    await server.close()
    await db.close()
  })

  test('a screen of the console gets the start page, a file itself, and nothing outside is served', async () => {
    const { server, db } = await narrow(1000)
    const get = (url: string) => server.app.inject({ method: 'GET', url })
    const screen = await get('/requests/123')
    assert.match(screen.body, /<title>Stint/)
    assert.equal(screen.headers['cache-control'], 'no-cache')
    const file = await get('/assets/app-1a2b.js')
    assert.equal(file.body, 'start()')
    assert.match(String(file.headers['cache-control']), /immutable/)
    for (const url of ['/../secret', '/..%2fsecret', '/assets/..%2f..%2fsecret', '/%2e%2e/secret'])
      assert.doesNotMatch((await get(url)).body, /not for you/, url)
    await server.close()
    await db.close()
  })
})
