import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type {
  CodeResolved,
  Device,
  EnrollmentToken,
  LedgerEntry,
  RequestView,
  Settings,
} from '@stint/wire/console'
import { hourMs, minuteMs } from '../src/clock.ts'
import type { Server } from '../src/index.ts'
import { enrolledDevice, enrollmentToken, facts, TestDevice } from './test-device.ts'
import { callServer, startTestServer, type TestServer } from './test-server.ts'

const terms = { minutes: 15, endProcesses: true, note: '' }
const other = { ...facts, users: [...facts.users, { userId: 'uid:1001:noa', name: 'noa' }] }

describe('computers', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const messages = (deviceId: string) =>
    server.db.read
      .selectFrom('device_message')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('id')
      .execute()

  test('WEB-4: a token is shown once, with the command to copy, and stored without its secret', async () => {
    const made = await enrollmentToken(server.owner, 2)
    assert.match(made.command, /^sudo stint agent --enroll stint-enroll\./)
    const content = JSON.parse(Buffer.from(made.token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const stored = await server.db.read.selectFrom('enrollment_token').selectAll().execute()
    assert.ok(!JSON.stringify(stored).includes(content.psk))
  })

  test('a computer is enrolled only by its confirmation, which may be repeated', async () => {
    const token = await enrollmentToken(server.owner)
    const device = new TestDevice(server.server, server.clock)
    const { welcome, confirm } = await device.hello(token)
    assert.equal(welcome.status, 200)
    assert.match(welcome.body.policy, /^header\./)
    assert.equal((await server.owner.call('GET', `/devices/${device.id}`)).status, 404)
    for (let tries = 0; tries < 2; tries++)
      assert.equal((await callServer(server.server, 'POST', '/device/enrol/confirm', confirm)).status, 204)
    const seen = await server.owner.call<Device>('GET', `/devices/${device.id}`)
    assert.deepEqual(
      [seen.body.name, seen.body.state, seen.body.online, seen.body.policyWanted],
      ['laptop-7', 'enrolled', false, 1],
    )
    const tokens = await server.owner.call<{ items: EnrollmentToken[] }>('GET', '/enrollment-tokens')
    assert.equal(tokens.body.items.find(({ id }) => id === token.item.id)?.used, 1)
    const ledger = await server.owner.call<{ items: LedgerEntry[] }>('GET', '/ledger')
    assert.equal(ledger.body.items.filter(({ type }) => type === 'device.enrolled').length, 1)
  })

  test('a token that is used up, revoked or over is refused with token-used', async () => {
    const used = await enrollmentToken(server.owner)
    await new TestDevice(server.server, server.clock).enrol(used)
    const revoked = await enrollmentToken(server.owner)
    await server.owner.call('DELETE', `/enrollment-tokens/${revoked.item.id}`)
    for (const token of [used, revoked]) {
      const { welcome } = await new TestDevice(server.server, server.clock).hello(token)
      assert.deepEqual([welcome.status, welcome.body.code], [410, 'token-used'])
    }
  })

  test('a confirmation that does not fit is refused with bad, one of nobody with device-unauthenticated', async () => {
    const device = new TestDevice(server.server, server.clock)
    const { confirm } = await device.hello(await enrollmentToken(server.owner))
    const wrong = { ...confirm, confirmD: '0'.repeat(64) }
    assert.equal((await callServer(server.server, 'POST', '/device/enrol/confirm', wrong)).body.code, 'bad')
    const nobody = { deviceId: 'a'.repeat(32), confirmD: '0'.repeat(64) }
    assert.equal(
      (await callServer(server.server, 'POST', '/device/enrol/confirm', nobody)).body.code,
      'device-unauthenticated',
    )
  })

  test('another key cannot open a session, nor can an old challenge: device-unauthenticated', async () => {
    const device = await enrolledDevice(server)
    const stranger = await device.openSession(generateKeyPairSync('ed25519').privateKey)
    assert.deepEqual(
      [stranger.status, stranger.body.code, stranger.body.details?.reason],
      [401, 'device-unauthenticated', 'proof'],
    )
    const proof = {
      deviceId: device.id,
      nonce: 'b'.repeat(64),
      courierKey: 'c'.repeat(64),
      sig: 'd'.repeat(128),
    }
    const old = await callServer(server.server, 'POST', '/device/session', proof)
    assert.equal(old.body.details?.reason, 'challenge')
  })

  test('a call that was changed or is played again is refused, naming the step', async () => {
    const device = await enrolledDevice(server)
    const body = JSON.stringify({ facts, policySerial: 1, epoch: 0 })
    const headers = { ...device.signed('POST', '/status', body), 'content-type': 'application/json' }
    const call = async (payload: string) =>
      (
        await server.server.app.inject({ method: 'POST', url: '/api/v1/device/status', headers, payload })
      ).json()
    assert.equal((await call(body.replace('"epoch":0', '"epoch":1'))).details.reason, 'digest')
    const first = await server.server.app.inject({
      method: 'POST',
      url: '/api/v1/device/status',
      headers,
      payload: body,
    })
    assert.equal(first.statusCode, 204)
    assert.equal((await call(body)).details.reason, 'nonce')
  })

  test('a session of a computer is over after an hour', async () => {
    const device = await enrolledDevice(server)
    server.clock.pass(hourMs)
    assert.equal((await device.status()).body.details?.reason, 'session')
  })

  test('a user who appears later gets the next number, and the policy a higher serial that names him', async () => {
    const device = await enrolledDevice(server)
    await device.status(other)
    const users = await server.server.slices.devices.users(device.id)
    assert.deepEqual(
      users.map(({ user_id, slot }) => [user_id, slot]),
      [
        ['uid:1000:mia', 0],
        ['uid:1001:noa', 1],
      ],
    )
    const [policy] = (await messages(device.id)).filter(({ type }) => type === 'policy')
    assert.equal(policy?.about, '2')
    device.policySerial = 2
    await device.status(other)
    assert.equal(
      (await messages(device.id)).filter(({ type, done_at }) => type === 'policy' && done_at === null).length,
      0,
    )
  })

  test('a fifteenth user has no number', async () => {
    const users = Array.from({ length: 16 }, (_, n) => ({ userId: `uid:${n}:u${n}`, name: `u${n}` }))
    const device = await enrolledDevice(server, { ...facts, users })
    const slots = (await server.server.slices.devices.users(device.id)).map(({ slot }) => slot)
    assert.deepEqual(slots.filter((slot) => slot === null).length, 2)
  })

  test('new settings reach every computer as a higher serial; somebody who read older ones gets conflict', async () => {
    const device = await enrolledDevice(server)
    const {
      changedAt: _at,
      changedBy: _by,
      ...settings
    } = (await server.owner.call<Settings>('GET', '/settings')).body
    const changed = await server.owner.call<Settings>('PUT', '/settings', { ...settings, minutesCeiling: 60 })
    assert.equal(changed.body.version, settings.version + 1)
    const late = await server.owner.call('PUT', '/settings', settings)
    assert.deepEqual([late.status, late.body.code], [409, 'conflict'])
    await server.server.slices.policies.publishAll()
    const waiting = (await messages(device.id)).filter(
      ({ type, done_at }) => type === 'policy' && done_at === null,
    )
    assert.deepEqual(
      waiting.map(({ about }) => about),
      ['2'],
    )
    const jws = JSON.parse(waiting[0]?.body ?? '').policy
    const policy = JSON.parse(Buffer.from(jws.split('.')[1], 'base64url').toString('utf8'))
    assert.deepEqual([policy.minutesCeiling, policy.serial, policy.dev], [60, 2, device.id])
    const seen = await server.owner.call<Device>('GET', `/devices/${device.id}`)
    assert.deepEqual([seen.body.policySerial, seen.body.policyWanted], [1, 2])
  })

  test('settings that contradict each other are refused with invalid', async () => {
    const {
      changedAt: _at,
      changedBy: _by,
      ...settings
    } = (await server.owner.call<Settings>('GET', '/settings')).body
    const wrong = await server.owner.call('PUT', '/settings', {
      ...settings,
      minutesDefault: settings.minutesCeiling + 1,
    })
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid'])
  })

  test('a revoked computer is out, its keys are erased, also when the issuer was down at first', async () => {
    const device = await enrolledDevice(server)
    server.issuer.isDown = true
    const revoked = await server.owner.call<Device>('POST', `/devices/${device.id}/revoke`)
    assert.deepEqual([revoked.status, revoked.body.state], [200, 'revoked'])
    assert.equal((await device.status()).body.code, 'device-unauthenticated')
    assert.ok(server.issuer.holds(device.id))
    server.issuer.isDown = false
    await server.server.slices.devices.eraseKeys()
    assert.ok(!server.issuer.holds(device.id))
    const again = await device.openSession()
    assert.deepEqual([again.status, again.body.code], [410, 'device-revoked'])
  })

  test('KEY-13: a heal for an epoch that was reached before suspends the computer', async () => {
    const device = await enrolledDevice(server)
    const stale = { epoch: 5, eD: 'a'.repeat(64), nD: 'b'.repeat(32), sig: 'c'.repeat(128) }
    const refused = await device.call('POST', '/heal', stale)
    assert.deepEqual([refused.status, refused.body.code], [423, 'device-suspended'])
    const seen = await server.owner.call<Device>('GET', `/devices/${device.id}`)
    assert.equal(seen.body.state, 'suspended')
  })

  test('KEY-13: an older epoch in its report suspends a computer', async () => {
    const device = await enrolledDevice(server)
    await server.db.read.updateTable('device').set({ epoch: 2 }).where('id', '=', device.id).execute()
    assert.equal((await device.status()).body.code, 'device-suspended')
  })

  test('a heal gives fresh keys: the epoch rises once, however often it is confirmed, and codes still fit', async () => {
    const device = await enrolledDevice(server)
    await server.db.write((tx) => server.server.slices.devices.tell(tx, device.id, '', { type: 'heal' }))
    const confirm = await device.heal()
    assert.equal((await device.call('POST', '/heal/confirm', confirm)).status, 204)
    assert.equal((await server.server.slices.devices.device(device.id))?.epoch, 1)
    assert.ok((await messages(device.id)).every(({ type, done_at }) => type !== 'heal' || done_at !== null))
    const { body } = await server.owner.call<CodeResolved>('POST', '/codes/resolve', {
      text: device.request().requestCode,
    })
    assert.equal(body.request?.userName, 'mia')
  })

  test('KEY-13: a heal that is confirmed with another key suspends the computer', async () => {
    const device = await enrolledDevice(server)
    const { epoch } = await device.heal()
    const wrong = await device.call('POST', '/heal/confirm', { epoch, confirmD: '0'.repeat(64) })
    assert.equal(wrong.body.code, 'device-suspended')
  })
})

describe('what is told to computers', () => {
  let server: TestServer
  const streams: { destroy(): void }[] = []
  before(async () => {
    server = await startTestServer()
    await server.server.app.listen({ host: '127.0.0.1', port: 0 })
  })
  after(async () => {
    for (const stream of streams) stream.destroy()
    await server.close()
  })

  /** A listening computer. `next` is the next whole event. */
  async function listen(at: Server, device: TestDevice, lastEventId?: string) {
    const { port } = at.app.server.address() as AddressInfo
    const headers = {
      ...device.signed('GET', '/events', ''),
      ...(lastEventId && { 'last-event-id': lastEventId }),
    }
    const request = get({ host: '127.0.0.1', port, path: '/api/v1/device/events', headers })
    streams.push(request)
    const [response] = await once(request, 'response')
    response.setEncoding('utf8')
    let text = ''
    return {
      status: response.statusCode as number,
      response,
      async next(): Promise<{ id: string; data: { type: string } }> {
        for (;;) {
          const [, id, data] = /id: (\d+)\nevent: message\ndata: (.*)\n\n/.exec(text) ?? []
          if (id !== undefined && data !== undefined) {
            text = text.slice(text.indexOf(data) + data.length + 2)
            return { id, data: JSON.parse(data) }
          }
          const [chunk] = await once(response, 'data')
          text += chunk
        }
      },
      async end(): Promise<string> {
        for await (const chunk of response) text += chunk
        return text
      },
    }
  }

  test('an approval reaches a waiting computer within a second, and it is seen online meanwhile', async () => {
    const device = await enrolledDevice(server)
    const stream = await listen(server.server, device)
    assert.equal((await server.owner.call<Device>('GET', `/devices/${device.id}`)).body.online, true)
    const fact = device.request()
    await device.call('POST', '/requests', fact)
    const began = performance.now()
    await server.owner.call<RequestView>('POST', `/requests/${fact.requestId}/approve`, terms)
    const { data } = await stream.next()
    assert.equal(data.type, 'answer')
    assert.ok(performance.now() - began < 1000)
    stream.response.destroy()
  })

  test('what was told before a line or the server broke comes again; what came through does not', async () => {
    const device = await enrolledDevice(server)
    const [first, second] = [device.request(), device.request({ userId: 'uid:1000:mia' })]
    for (const fact of [first, second]) {
      await device.call('POST', '/requests', fact)
      await server.owner.call('POST', `/requests/${fact.requestId}/deny`, { note: 'no' })
    }
    const next = await server.restart()
    await next.app.listen({ host: '127.0.0.1', port: 0 })
    device.server = next
    await device.openSession()
    const whole = await listen(next, device)
    const ids = [(await whole.next()).id, (await whole.next()).id]
    whole.response.destroy()
    const resumed = await listen(next, device, ids[0])
    assert.equal((await resumed.next()).id, ids[1])
    resumed.response.destroy()
    await next.close()
  })

  test('a quiet line carries a comment every fifteen seconds', async () => {
    const device = await enrolledDevice(server)
    const stream = await listen(server.server, device)
    await once(stream.response, 'data')
    const beat = once(stream.response, 'data')
    server.clock.pass(15_000)
    assert.equal(String((await beat)[0]), ': still here\n\n')
    stream.response.destroy()
  })

  test('a computer that is revoked hears it, and then the line ends', async () => {
    const device = await enrolledDevice(server)
    const stream = await listen(server.server, device)
    await server.owner.call('POST', `/devices/${device.id}/revoke`)
    assert.match(await stream.end(), /"type":"revoked"/)
  })

  test('a second line of one computer ends the first', async () => {
    server.clock.pass(minuteMs)
    const device = await enrolledDevice(server)
    const first = await listen(server.server, device)
    const second = await listen(server.server, device)
    await first.end()
    assert.equal((await server.owner.call<Device>('GET', `/devices/${device.id}`)).body.online, true)
    second.response.destroy()
  })

  test('the console hears what changed, and after a pause what it missed', async () => {
    const { port } = server.server.app.server.address() as AddressInfo
    const path = '/api/v1/events'
    const request = get({
      host: '127.0.0.1',
      port,
      path,
      headers: { ...server.owner.headers, 'last-event-id': 'old-1' },
    })
    streams.push(request)
    const [response] = await once(request, 'response')
    assert.equal(response.statusCode, 200)
    response.setEncoding('utf8')
    let text = ''
    while (!text.includes('"topic":"people"')) text += (await once(response, 'data'))[0]
    assert.match(text, /"topic":"requests","id":""/)
    const device = await enrolledDevice(server)
    while (!text.includes(device.id)) text += (await once(response, 'data'))[0]
    assert.match(text, /"topic":"devices"/)
    response.destroy()
  })
})
