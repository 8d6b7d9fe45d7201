import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settled } from './set-timers.ts'
import { setUp } from './set-up.ts'
import { entry, nextId } from './test-agent.ts'
import { problem, type TestServer } from './test-server.ts'

const minute = 60_000

const count = (server: TestServer, path: string) => server.paths().filter((one) => one === path).length

test('a round goes session, status, requests, stream, journal, each only when there is something', async () => {
  const { agent, server } = setUp((agent) => {
    agent.journal = [entry(0), entry(1)]
    agent.state.journal.size = 2
  })
  await settled()
  assert.deepEqual(server.paths(), ['challenge', 'session', 'status', 'events', 'journal'])
  const made = agent.ask()
  await settled()
  assert.deepEqual(server.paths().slice(5), ['requests'])
  assert.deepEqual(server.calls[5]?.body, made)
  assert.deepEqual(
    agent.called('request-sent').map(({ requestId }) => requestId),
    [made.requestId],
  )
  assert.deepEqual(agent.state.journal, { size: 2, received: 2 })
  assert.deepEqual(new Set(server.signatures), new Set(['ok']))
})

test('signatures follow the server’s clock although the computer’s is decades behind', async () => {
  const { agent, server, passAlive } = setUp()
  await settled()
  await passAlive(10 * minute)
  agent.ask()
  await settled()
  assert.deepEqual(new Set(server.signatures), new Set(['ok']))
})

test('a clock that was turned costs one refused call and a new session, no pause', async () => {
  const { agent, server, timers } = setUp()
  await settled()
  timers.turn(3 * minute)
  server.aheadMs -= 3 * minute
  const made = agent.ask()
  await settled()
  assert.ok(server.signatures.includes('created'))
  assert.equal(count(server, 'session'), 2)
  assert.deepEqual(
    agent.called('request-sent').map(({ requestId }) => requestId),
    [made.requestId],
  )
})

test('a session that runs out is renewed before it is used again', async () => {
  const { agent, server, passAlive } = setUp()
  await settled()
  await passAlive(14 * minute + 31_000)
  agent.ask()
  await settled()
  assert.equal(count(server, 'session'), 2)
  assert.deepEqual(new Set(server.signatures), new Set(['ok']))
})

test('a server that restarted gets a new session, the status again, and the stream resumes', async () => {
  const { agent, server, pass, passAlive } = setUp()
  await settled()
  await passAlive(minute)
  await server.push({ id: '7', data: JSON.stringify({ type: 'heal' }) })
  server.restart()
  await pass(2000)
  assert.equal(server.streams.at(-1)?.lastEventId, '7')
  assert.equal(count(server, 'session'), 2)
  assert.equal(count(server, 'status'), 2)
  assert.equal(agent.contacts.at(-1), true)
})

test('a server that cannot be reached is told to the person at once', async () => {
  const { agent, server } = setUp()
  await settled()
  server.reachable = false
  agent.ask()
  await settled()
  assert.deepEqual(agent.contacts, [true, false])
})

test('a round that had nothing to ask the server does not claim that it is there', async () => {
  const { agent, server, pass, passAlive } = setUp()
  await settled()
  await passAlive(minute)
  server.reachable = false
  server.streams.at(-1)?.end()
  await pass(10 * minute)
  const lost = agent.contacts.indexOf(false)
  assert.notEqual(lost, -1)
  assert.equal(agent.contacts.includes(true, lost), false)
})

test('a server that hangs is told to the person within two seconds, before the call is given up', async () => {
  const { agent, server, pass } = setUp()
  await settled()
  server.hanging = true
  agent.ask()
  await pass(1400)
  assert.equal(agent.contacts.at(-1), true)
  await pass(200)
  assert.equal(agent.contacts.at(-1), false)
})

test('pauses grow to 30 seconds while a request waits, and are never hot', async () => {
  const { agent, server, pass } = setUp((_, server) => {
    server.reachable = false
  })
  agent.ask()
  await settled()
  const times: number[] = []
  for (let second = 0; second < 300; second++) {
    const before = server.calls.length
    await pass(1000)
    assert.ok(server.calls.length - before <= 2, 'at most two tries in a second')
    if (server.calls.length > before) times.push(second)
  }
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  assert.ok(Math.max(...gaps) <= 30)
  assert.ok(times.length >= 10 && times.length <= 30, `${times.length} tries in five minutes`)
})

test('without anybody waiting, pauses grow to five minutes', async () => {
  const { server, pass } = setUp((_, server) => {
    server.reachable = false
  })
  await pass(60 * minute)
  const before = server.calls.length
  await pass(60 * minute)
  const tries = server.calls.length - before
  assert.ok(tries >= 12 && tries <= 24, `${tries} tries in an hour`)
})

test('a computer that had no network at all is back within 30 seconds, also when nobody waits', async () => {
  const { agent, server, pass } = setUp((_, server) => {
    server.hasNetwork = false
  })
  await pass(60 * minute)
  assert.equal(agent.contacts.at(-1), false)
  server.hasNetwork = true
  await pass(31_000)
  assert.equal(agent.contacts.at(-1), true)
})

test('a new request cuts a pause short, once; other changes do not', async () => {
  const { agent, server, pass } = setUp((_, server) => {
    server.reachable = false
  })
  await pass(60 * minute)
  const before = server.calls.length
  agent.write(entry(0))
  await settled()
  assert.equal(server.calls.length, before)
  server.reachable = true
  const made = agent.ask()
  await settled()
  assert.equal(agent.called('request-sent')[0]?.requestId, made.requestId)
  assert.equal(agent.contacts.at(-1), true)
})

test('a waiting request that failed is not tried again by a mere change', async () => {
  const { agent, server, pass } = setUp((_, server) => {
    server.reachable = false
  })
  await pass(60 * minute)
  agent.ask()
  await settled()
  const before = server.calls.length
  for (let n = 0; n < 50; n++) agent.write(entry(n))
  await settled()
  assert.equal(server.calls.length, before)
})

test('a request that the server will never take does not hold up the next one', async () => {
  const { agent, server, lines } = setUp()
  await settled()
  server.instead.set('requests', (body) =>
    JSON.stringify(body).includes(bad.requestId) ? problem(400, 'invalid') : { status: 204, json: undefined },
  )
  const bad = agent.ask()
  const good = agent.ask()
  await settled()
  assert.deepEqual(
    agent.called('request-sent').map(({ requestId }) => requestId),
    [good.requestId],
  )
  assert.ok(lines.includes('a request was refused: invalid'))
  assert.equal(count(server, 'requests'), 2)
})

test('a status is sent again when it changed', async () => {
  const { agent, server } = setUp()
  await settled()
  agent.change({ healWanted: false })
  await settled()
  assert.equal(count(server, 'status'), 1)
  const { status } = agent.state
  agent.change({ status: status && { ...status, policySerial: 2 } })
  await settled()
  assert.equal(count(server, 'status'), 2)
})

test('while the line is good the agent hears so every 20 seconds and no more often', async () => {
  const { agent, server, pass } = setUp()
  await settled()
  for (let n = 0; n < 12; n++) {
    await pass(5000)
    server.streams.at(-1)?.hear.alive()
  }
  await settled()
  assert.deepEqual(agent.contacts, [true, true, true, true])
})

test('a revoked computer is told so, and then nothing is sent any more', async () => {
  const { agent, server, pass } = setUp((_, server) => {
    server.instead.set('session', () => problem(410, 'device-revoked'))
  })
  await settled()
  assert.deepEqual(
    agent.called('deliver').map(({ message }) => message),
    [{ type: 'revoked' }],
  )
  const before = server.calls.length
  await pass(60 * minute)
  assert.equal(server.calls.length, before)
  assert.equal(agent.contacts.includes(true), false)
})

test('a computer that is not enrolled says nothing to anybody', async () => {
  const { server, pass } = setUp((agent) => {
    agent.state = { ...agent.state, state: 'unenrolled', serverUrl: null }
  })
  await pass(60 * minute)
  assert.deepEqual(server.calls, [])
})

test('an address that is plain HTTP to another computer is not spoken to', async () => {
  const { server, lines, pass } = setUp((agent) => {
    agent.state = { ...agent.state, serverUrl: 'http://192.0.2.7' }
  })
  await pass(minute)
  assert.deepEqual(server.calls, [])
  assert.ok(lines.every((line) => line === 'a round failed: server-address'))
  assert.ok(lines.length > 0)
})

test('without an agent it waits; a new agent is told the contact again and gets a round', async () => {
  const { agent, server, pass } = setUp()
  await settled()
  agent.running = false
  server.streams.at(-1)?.end()
  await pass(minute)
  const before = agent.contacts.length
  agent.restart()
  await settled()
  assert.deepEqual(agent.contacts.slice(before), [true])
  assert.equal(server.streams.length, 2)
})

test('stopping closes stream and agent, and nothing follows', async () => {
  const { agent, server, courier, pass } = setUp()
  await settled()
  courier.stop()
  const before = [server.calls.length, agent.calls.length]
  agent.ask()
  await pass(60 * minute)
  assert.deepEqual([server.calls.length, agent.calls.length], before)
  assert.equal(agent.closed, true)
})

test('nothing that is logged holds an id, a reason or an answer', async () => {
  const { agent, server, lines, pass } = setUp((_, server) => {
    server.instead.set('requests', () => ({ status: 500, json: { secret: 'hunter2' } }))
  })
  const made = agent.ask()
  await settled()
  await server.push({ id: '1', data: `{"type":"hunter2","requestId":"${nextId()}"}` })
  await pass(minute)
  assert.ok(lines.includes('a round failed: http-500'))
  for (const secret of ['hunter2', made.requestId, made.reason]) assert.ok(!lines.join('\n').includes(secret))
})
