import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Overview } from '@stint/wire/console'
import { callServer, startTestServer, type TestServer } from './test-server.ts'

describe('input that is not right', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const send = (payload: string, headers: Record<string, string> = {}) =>
    server.server.app.inject({
      method: 'POST',
      url: '/api/v1/sign-in',
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    })

  test('WEB-12: every refusal is problem details with a code, a sentence and the next step', async () => {
    const answer = await callServer(server.server, 'GET', '/nothing-here')
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    const { type, title, status, code, hint } = answer.body
    assert.deepEqual([type, status, code], ['urn:stint:problem:not-found', 404, 'not-found'])
    assert.ok(title && hint)
  })

  test('WEB-11: JSON that is none, and JSON that would change prototypes: 400 invalid', async () => {
    for (const text of ['{bad', '{"__proto__":{"x":1},"email":"a@b","password":"x"}']) {
      const answer = await send(text)
      assert.deepEqual([answer.statusCode, answer.json().code], [400, 'invalid'])
    }
  })

  test('WEB-11, WEB-12: a member that is missing, wrong or unknown is named, its content is not', async () => {
    const answer = await send(JSON.stringify({ email: 'my-secret', z: 1 }))
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(Object.keys(answer.json().fields).sort(), ['email', 'password', 'z'])
    assert.ok(!answer.body.includes('my-secret'))
  })

  test('WEB-11: too much at once: 413', async () => {
    const answer = await send(JSON.stringify({ email: 'a@b', password: 'x'.repeat(70_000) }))
    assert.deepEqual([answer.statusCode, answer.json().code], [413, 'invalid'])
  })

  test('another media type: 415', async () => {
    const answer = await send('email=a', { 'content-type': 'application/x-www-form-urlencoded' })
    assert.deepEqual([answer.statusCode, answer.json().code], [415, 'invalid'])
  })

  test('a cursor that was not given out is refused, and one that was goes on where it ended', async () => {
    const wrong = await server.owner.call('GET', '/ledger?cursor=eyJ4IjoxfQ')
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'invalid'])
    const first = await server.owner.call<{ items: { seq: number }[]; cursor: string }>(
      'GET',
      '/ledger?limit=1',
    )
    const second = await server.owner.call<{ items: { seq: number }[] }>(
      'GET',
      `/ledger?limit=1&cursor=${first.body.cursor}`,
    )
    assert.equal(second.body.items[0]?.seq, (first.body.items[0]?.seq ?? 0) - 1)
  })

  test('WEB-11: a limit of 201, or one that is no number, is refused with the field', async () => {
    for (const limit of ['201', 'many']) {
      const answer = await server.owner.call('GET', `/devices?limit=${limit}`)
      assert.deepEqual([answer.status, Object.keys(answer.body.fields ?? {})], [400, ['limit']])
    }
  })

  test('the API describes itself, from the schemas that it enforces', async () => {
    const answer = await callServer<{ openapi: string; paths: object }>(server.server, 'GET', '/openapi.json')
    assert.equal(answer.body.openapi, '3.1.0')
    for (const path of ['/api/v1/sign-in', '/api/v1/codes/issue', '/api/v1/device/journal'])
      assert.ok(path in answer.body.paths, path)
  })

  test('WEB-8: pages may run no scripts but their own, and may not be framed', async () => {
    const answer = await server.server.app.inject({ method: 'GET', url: '/' })
    const policy = String(answer.headers['content-security-policy'])
    assert.match(policy, /script-src 'self'(;|$)/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  })

  test('a console that is not built says so, in words', async () => {
    const answer = await server.server.app.inject({ method: 'GET', url: '/requests' })
    assert.match(answer.body, /not built yet/)
  })

  test('a new installation says what is still to do', async () => {
    const { body } = await server.owner.call<Overview>('GET', '/overview')
    assert.deepEqual(body.todo, ['enrol-computer', 'set-contacts', 'enable-offline-codes', 'invite-approver'])
  })

  test('ready only while database and issuer answer; alive in any case', async () => {
    const ask = async (url: string) => (await server.server.app.inject({ method: 'GET', url })).statusCode
    assert.deepEqual([await ask('/readyz'), await ask('/healthz')], [200, 200])
    server.issuer.isDown = true
    assert.deepEqual([await ask('/readyz'), await ask('/healthz')], [503, 200])
    server.issuer.isDown = false
  })

  test('metrics are numbers only', async () => {
    const answer = await server.server.app.inject({ method: 'GET', url: '/metrics' })
    assert.match(answer.body, /^stint_devices_online 0$/m)
    for (const line of answer.body.trim().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) |[a-z_]+(\{status="\d+"\})? [\d.]+$)/)
  })
})
