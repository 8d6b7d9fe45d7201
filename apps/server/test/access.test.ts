import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { may, type Role, refused, rights, roles } from '@stint/elevation'
import { fastify } from 'fastify'
import { type Access, guardRoutes } from '../src/http/access.ts'
import { enrolledDevice, type TestDevice } from './test-device.ts'
import {
  type Answer,
  type Caller,
  callServer,
  type Method,
  startTestServer,
  type TestServer,
} from './test-server.ts'

interface Route {
  readonly method: Method
  readonly url: string
  readonly access: Access
}

/** Streams are asked for in their own tests: an injected call to one would never end. */
const streams = ['/api/v1/events', '/api/v1/device/events']

describe('who may call what', () => {
  let server: TestServer
  let routes: Route[]
  let device: TestDevice
  const callers = new Map<Role, Caller>()

  before(async () => {
    server = await startTestServer()
    for (const role of roles) callers.set(role, role === 'owner' ? server.owner : await server.person(role))
    device = await enrolledDevice(server)
    routes = server.server.app.routesOf().filter(({ url }) => !streams.includes(url))
  })
  after(() => server.close())

  /** A call that passes or fails at the gate: ids that do not exist, bodies that are not right. */
  const target = ({ url }: Route) =>
    url
      .replace('/api/v1', '')
      .replace(':token', 'x'.repeat(43))
      .replace(':id', '01890000-0000-7000-8000-000000000000')
  const bodyOf = ({ method }: Route) => (method === 'GET' || method === 'DELETE' ? undefined : {})

  test('the walk sees every route, and each says who may call it', () => {
    assert.ok(routes.length >= 40, `${routes.length} routes`)
    const known = ['public', 'signed-in', 'device', ...rights]
    for (const { url, access } of routes) assert.ok(known.includes(access), url)
  })

  test('WEB-1: a route that does not say who may call it stops the server', () => {
    const app = fastify()
    const nobody = async () => null
    const device = async () => refused('device-unauthenticated')
    guardRoutes(app, { person: nobody, program: nobody, device }, { publicUrl: 'http://127.0.0.1:8003' })
    const said = /GET \/nobody-said does not say who may call it/
    assert.throws(() => app.get('/nobody-said', async () => 'x'), said)
  })

  test('WEB-1: nobody who is not signed in passes a gate, with not-signed-in', async () => {
    for (const route of routes) {
      if (['public', 'device'].includes(route.access)) continue
      const answer = await callServer(server.server, route.method, target(route), bodyOf(route))
      assert.deepEqual([route.url, answer.status, answer.body.code], [route.url, 401, 'not-signed-in'])
    }
  })

  for (const role of roles)
    test(`WEB-1: ${role}: exactly the routes of its rights, others refuse with not-an-approver`, async () => {
      const caller = callers.get(role)
      assert.ok(caller)
      let walked = 0
      for (const route of routes) {
        const { access } = route
        if (access === 'public' || access === 'signed-in' || access === 'device') continue
        const answer: Answer = await caller.call(route.method, target(route), bodyOf(route))
        const isStopped = answer.status === 403 && answer.body.code === 'not-an-approver'
        assert.equal(isStopped, !may(role, access), `${role} ${route.method} ${route.url}: ${answer.status}`)
        walked += 1
      }
      assert.ok(walked >= 25, `${walked} routes`)
    })

  test('a person has no way into the routes of computers: device-unauthenticated', async () => {
    for (const route of routes.filter(({ access }) => access === 'device')) {
      const answer = await server.owner.call(route.method, target(route), bodyOf(route))
      assert.deepEqual(
        [route.url, answer.status, answer.body.code],
        [route.url, 401, 'device-unauthenticated'],
      )
    }
  })

  test('a computer has no way into the routes of people: not-signed-in', async () => {
    const headers = device.signed('GET', '/../devices', '')
    const answer = await callServer(server.server, 'GET', '/devices', undefined, headers)
    assert.equal(answer.body.code, 'not-signed-in')
  })
})
