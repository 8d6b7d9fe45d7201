import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseRequestCode, parseResponseCode } from '@stint/code'
import type {
  CodeIdentified,
  CodeIssued,
  CodeResolved,
  Device,
  LedgerEntry,
  RequestView,
  Settings,
} from '@stint/wire/console'
import { onEachEngine } from './engines.ts'
import { type TestDevice as Computer, enrolledDevice } from './test-device.ts'
import { type Caller, startTestServer, type TestServer } from './test-server.ts'

const terms = { minutes: 15, endProcesses: true, note: '' }

onEachEngine((open) => {
  describe('by telephone', () => {
    let server: TestServer
    let computer: Computer
    let approver: Caller
    before(async () => {
      server = await startTestServer({ db: await open() })
      approver = await server.person('approver')
      computer = await enrolledDevice(server)
    })
    after(() => server.close())

    test('five symbols name the computer; other five name none', async () => {
      const fact = computer.request({ counter: 1 })
      const prefix = fact.requestCode.slice(0, 5)
      const known = await approver.call<CodeIdentified>('POST', '/codes/identify', {
        text: prefix.toLowerCase(),
      })
      assert.equal(known.body.device?.name, 'laptop-7')
      const unknown = await approver.call<CodeIdentified>('POST', '/codes/identify', { text: 'zzzzz' })
      assert.equal(unknown.body.device, null)
    })

    test('a whole code makes the request that the computer could not send', async () => {
      const fact = computer.request({ counter: 1 })
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      assert.equal(resolved.status, 200)
      assert.deepEqual(
        [resolved.body.request?.userName, resolved.body.request?.source, resolved.body.request?.reason],
        ['mia', 'code', null],
      )
      assert.deepEqual(resolved.body.warnings, ['not-sent'])
      const online = await approver.call('POST', `/requests/${resolved.body.request?.id}/approve`, terms)
      assert.deepEqual([online.status, online.body.code], [409, 'conflict'])
    })

    test('CODE-12: one misheard symbol: nothing is made, the right code is suggested', async () => {
      const fact = computer.request({ counter: 2 })
      const wrong = `${fact.requestCode.slice(0, -1)}${fact.requestCode.endsWith('7') ? '8' : '7'}`
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: wrong })
      assert.equal(resolved.body.request, null)
      assert.deepEqual(resolved.body.suggestions[0], {
        requestCode: fact.requestCode,
        deviceName: 'laptop-7',
        userName: 'mia',
      })
    })

    test('a slip in the first group still finds the computer', async () => {
      const fact = computer.request({ counter: 2 })
      const first = fact.requestCode.charAt(3)
      const wrong = `${fact.requestCode.slice(0, 3)}${first === '5' ? '6' : '5'}${fact.requestCode.slice(4)}`
      const resolved = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: wrong })
      assert.equal(resolved.body.suggestions[0]?.requestCode, fact.requestCode)
    })

    test('what is no code, and a code of no computer of ours, are refused by name', async () => {
      const none = await approver.call('POST', '/codes/resolve', { text: 'hello, world!?' })
      assert.deepEqual([none.status, none.body.code], [400, 'malformed-code'])
      const foreign = await approver.call('POST', '/codes/resolve', { text: 'ZZZZZ-ZZZZZ-ZZZZZ' })
      assert.deepEqual([foreign.status, foreign.body.code], [404, 'unknown-device'])
    })

    test('GATE-11: codes are refused with offline-codes-disabled until somebody switches them on', async () => {
      const fact = computer.request({ counter: 3 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      const ask = { ...terms, requestId: body.request?.id, callerCheck: 'known-voice' }
      const refused = await approver.call('POST', '/codes/issue', ask)
      assert.deepEqual([refused.status, refused.body.code], [403, 'offline-codes-disabled'])
    })

    test('WEB-9, WEB-10: the code fits the request; asked again it is the same, and recorded again', async () => {
      const {
        changedAt: _at,
        changedBy: _by,
        ...settings
      } = (await server.owner.call<Settings>('GET', '/settings')).body
      await server.owner.call('PUT', '/settings', { ...settings, offlineCodes: true })
      await server.server.slices.policies.publishAll()
      const fact = computer.request({ counter: 4 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      const ask = { ...terms, minutes: 25, requestId: body.request?.id, callerCheck: 'called-back' }
      const issued = await approver.call<CodeIssued>('POST', '/codes/issue', ask)
      assert.deepEqual([issued.status, issued.body.minutes, issued.body.hideAfterSeconds], [200, 20, 120])
      const response = parseResponseCode(issued.body.text, parseRequestCode(fact.requestCode))
      assert.equal(response.params.end, true)
      const again = await approver.call<CodeIssued>('POST', '/codes/issue', ask)
      assert.equal(again.body.text, issued.body.text)
      const other = await approver.call('POST', '/codes/issue', { ...ask, minutes: 60 })
      assert.equal(other.body.code, 'already-decided')
      const read = await server.owner.call<{ items: LedgerEntry[] }>('GET', '/ledger')
      const types = read.body.items.map(({ type }) => type)
      assert.deepEqual(types.filter((type) => type === 'code.issued').length, 2)
      assert.ok(types.includes('caller.checked'))
    })

    test('the same request arriving later over the network joins the row of its code', async () => {
      const fact = computer.request({ counter: 5 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      const joined = await approver.call<RequestView>('GET', `/requests/${body.request?.id}`)
      assert.deepEqual(
        [joined.body.id, joined.body.reason, joined.body.source],
        [body.request?.id, fact.reason, 'code'],
      )
      const approved = await approver.call<RequestView>('POST', `/requests/${joined.body.id}/approve`, terms)
      assert.equal(approved.body.state, 'approved')
      const message = await server.db.read
        .selectFrom('device_message')
        .select('body')
        .where('type', '=', 'answer')
        .executeTakeFirstOrThrow()
      assert.equal(JSON.parse(message.body).requestId, fact.requestId)
    })

    test('a denial by telephone reaches the person when the request arrives after all', async () => {
      const fact = computer.request({ counter: 6 })
      const { body } = await approver.call<CodeResolved>('POST', '/codes/resolve', { text: fact.requestCode })
      await approver.call('POST', `/requests/${body.request?.id}/deny`, { note: 'Call me back.' })
      const told = () =>
        server.db.read.selectFrom('device_message').select('body').where('type', '=', 'denial').execute()
      assert.deepEqual(await told(), [])
      assert.equal((await computer.call('POST', '/requests', fact)).status, 204)
      assert.equal(JSON.parse((await told())[0]?.body ?? '').note, 'Call me back.')
    })

    test('KEY-13: a counter that comes with two codes suspends the computer', async () => {
      const fact = computer.request({ counter: 7 })
      await computer.call('POST', '/requests', fact)
      const copy = await computer.call('POST', '/requests', computer.request({ counter: 7 }))
      assert.deepEqual([copy.status, copy.body.code], [423, 'device-suspended'])
      const device = await server.owner.call<Device>('GET', `/devices/${computer.id}`)
      assert.equal(device.body.state, 'suspended')
      const silenced = await computer.call('POST', '/requests', fact)
      assert.equal(silenced.body.code, 'device-unauthenticated')
      assert.equal((await computer.openSession()).body.code, 'device-suspended')
      await server.owner.call('POST', `/devices/${computer.id}/release`)
      assert.equal((await computer.openSession()).status, 200)
    })
  })
})
