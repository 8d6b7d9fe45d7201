import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { onEachEngine } from './engines.ts'
import { computer, told } from './report-world.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const mia = { userId: 'uid:1000:mia', userName: 'mia' }
const bob = { userId: 'uid:1001:bob', userName: 'bob' }

interface Exported {
  readonly userId: string
  readonly requests: readonly { readonly user_id: string; readonly reason: string }[]
  readonly sessions: readonly { readonly id: string; readonly device_id: string }[]
  readonly processes: readonly { readonly program: string }[]
  readonly denied: readonly unknown[]
  readonly facts: readonly unknown[]
  readonly ledger: readonly { readonly subject: string; readonly type: string }[]
}

onEachEngine((open) => {
  describe('what is kept about a person', () => {
    let server: TestServer
    let first = ''
    let deviceId = ''
    before(async () => {
      server = await startTestServer({ db: await open() })
      const [laptop, tower] = [await computer(server, 'laptop-7'), await computer(server, 'tower-1')]
      deviceId = laptop.id
      const programs = Array.from({ length: 501 }, (_, n) => `/bin/p${n}`)
      first = await told(server, { by: laptop, ...mia, programs: programs.slice(0, 400) })
      await told(server, { by: tower, ...mia, programs: programs.slice(400), denied: ['/bin/sh'] })
      await told(server, { by: laptop, ...bob, programs: ['/bin/only-bob'], reason: 'for bob only' })
    })
    after(() => server.close())

    const exported = async (more = '') =>
      (await server.owner.call<Exported>('GET', `/people-data?userId=${mia.userId}${more}`)).body

    test('EVID-11: an export has all of it, beyond one page of rows, and nothing of anybody else', async () => {
      const all = await exported()
      assert.deepEqual(
        [all.userId, all.requests.length, all.sessions.length, all.processes.length, all.denied.length],
        [mia.userId, 2, 2, 501, 1],
      )
      assert.ok(all.facts.length > 0)
      assert.ok(all.ledger.some(({ subject }) => subject === `session:${first}`))
      assert.doesNotMatch(JSON.stringify(all), /bob/)
    })

    test('of one computer has only what is about it', async () => {
      const { sessions, processes } = await exported(`&device=${deviceId}`)
      assert.deepEqual([sessions.map(({ id }) => id), processes.length], [[first], 400])
    })

    test('is for owners and auditors, refused to others with not-an-approver, and each export is a fact', async () => {
      const path = `/people-data?userId=${mia.userId}`
      const before = await exports()
      for (const role of ['administrator', 'approver', 'viewer'] as const) {
        const refused = await (await server.person(role)).call('GET', path)
        assert.deepEqual([refused.status, refused.body.code], [403, 'not-an-approver'], role)
      }
      assert.equal(await exports(), before)
      assert.equal((await (await server.person('auditor')).call('GET', path)).status, 200)
      assert.equal(await exports(), before + 1)
    })

    async function exports(): Promise<number> {
      const rows = await server.db.read
        .selectFrom('ledger')
        .select('seq')
        .where('type', '=', 'people-data.exported')
        .execute()
      return rows.length
    }
  })
})
