import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SavedFilter, Schedule } from '@stint/wire/report-schedules'
import { onEachEngine } from './engines.ts'
import { type Caller, startTestServer, type TestServer } from './test-server.ts'

const filterBody = (name: string, shared: boolean) => ({
  name,
  report: 'usage',
  filter: { text: 'x' },
  shared,
})
const schedule = (filterId: string | null) => ({
  ...{ name: 'Usage', report: 'usage', filterId, format: 'csv', subject: '{report}', enabled: true },
  when: { every: 'daily', time: '07:00', zone: 'UTC' },
  target: { kind: 'folder', path: '' },
})

onEachEngine((open) => {
  describe('saved filters', () => {
    let server: TestServer
    let admin: Caller
    before(async () => {
      const folder = { write: () => Promise.reject(new Error('nothing is sent here')) }
      server = await startTestServer({ db: await open(), means: { email: null, folder } })
      admin = await server.person('administrator')
    })
    after(() => server.close())

    test('a filter is its owner’s; others use it when it is shared, and nobody deletes one that is scheduled', async () => {
      const ada = await server.person('viewer')
      const bob = await server.person('viewer')
      const own = (await ada.call<SavedFilter>('POST', '/reports/filters', filterBody('mine', false))).body
      const names = async (who: Caller) =>
        (await who.call<{ items: SavedFilter[] }>('GET', '/reports/filters')).body.items.map(
          ({ name }) => name,
        )
      assert.deepEqual([await names(ada), await names(bob)], [['mine'], []])
      const hidden = await bob.call('PATCH', `/reports/filters/${own.id}`, { name: 'stolen' })
      assert.deepEqual([hidden.status, hidden.body.code], [404, 'not-found'])
      const twice = await ada.call('POST', '/reports/filters', filterBody('mine', true))
      assert.deepEqual([twice.status, twice.body.code], [409, 'conflict'])
      const shared = await ada.call<SavedFilter>('PATCH', `/reports/filters/${own.id}`, {
        shared: true,
        name: 'ours',
      })
      assert.deepEqual([shared.body.name, shared.body.shared, shared.body.own], ['ours', true, true])
      assert.deepEqual(await names(bob), ['ours'])
      for (const call of [
        await bob.call('PATCH', `/reports/filters/${own.id}`, { name: 'stolen' }),
        await bob.call('DELETE', `/reports/filters/${own.id}`),
      ])
        assert.deepEqual([call.status, call.body.code], [404, 'not-found'])
      const made = await admin.call<Schedule>('POST', '/reports/schedules', schedule(own.id))
      for (const call of [
        await ada.call('DELETE', `/reports/filters/${own.id}`),
        await ada.call('PATCH', `/reports/filters/${own.id}`, { shared: false }),
        await admin.call('DELETE', `/reports/filters/${own.id}`),
      ])
        assert.deepEqual([call.status, call.body.code], [409, 'conflict'])
      assert.equal((await admin.call('DELETE', `/reports/schedules/${made.body.id}`)).status, 204)
      assert.equal((await admin.call('DELETE', `/reports/filters/${own.id}`)).status, 204)
    })

    test('a viewer reads reports and schedules none: not-an-approver', async () => {
      const viewer = await server.person('viewer')
      assert.equal((await viewer.call('GET', '/reports/usage')).status, 200)
      for (const path of ['/reports/schedules', '/reports/delivery'])
        assert.equal((await viewer.call('GET', path)).body.code, 'not-an-approver')
      assert.equal(
        (await viewer.call('POST', '/reports/schedules', schedule(null))).body.code,
        'not-an-approver',
      )
    })
  })
})
