import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refused } from '@stint/elevation'
import type { DeviceMessage } from '@stint/wire/device'
import { settled } from './set-timers.ts'
import { setUp } from './set-up.ts'
import { deviceId, entry, facts, nextId, type TestAgent } from './test-agent.ts'
import { problem, type TestServer } from './test-server.ts'

const hex = (bytes: number) => 'ab'.repeat(bytes)
const hello = {
  tokenId: hex(16),
  dik: hex(32),
  dxk: hex(32),
  eD: hex(32),
  nD: hex(16),
  facts,
  mac: hex(32),
  sig: hex(64),
}
const welcome = {
  deviceId,
  devNo: 7,
  eS: hex(32),
  nS: hex(16),
  trust: '{}',
  policy: 'a.b.c',
  confirmS: hex(32),
  sigS: hex(64),
}
const confirm = { deviceId, confirmD: hex(32) }

function enrolling(agent: TestAgent, server: TestServer): void {
  agent.state = { ...agent.state, state: 'enrolling', tenant: null, deviceId: null, status: null }
  agent.instead.set('enrol-hello', () => ({ ok: true, value: { hello, confirm: null } }))
  agent.instead.set('enrol-welcome', () => ({ ok: true, value: { confirm } }))
  server.instead.set('enrol', () => ({ status: 200, json: welcome }))
}

test('an enrolment is carried hello, welcome, confirmation, and the computer goes on as enrolled', async () => {
  const { agent, server } = setUp(enrolling)
  await settled()
  assert.deepEqual(server.paths().slice(0, 3), ['enrol', 'enrol/confirm', 'challenge'])
  assert.deepEqual(agent.called('enrol-welcome')[0]?.welcome, welcome)
  assert.deepEqual(server.calls[1]?.body, confirm)
  assert.equal(agent.state.state, 'enrolled')
  assert.equal(server.streams.length, 1)
})

test('a confirmation that was made before goes first: no second hello', async () => {
  const { server } = setUp((agent, server) => {
    enrolling(agent, server)
    agent.instead.set('enrol-hello', () => ({ ok: true, value: { hello, confirm } }))
  })
  await settled()
  assert.deepEqual(server.paths().slice(0, 2), ['enrol/confirm', 'challenge'])
})

test('a server that cannot be reached while enrolling is tried again; a "no" for good is told', async () => {
  const { agent, server, pass } = setUp((agent, server) => {
    enrolling(agent, server)
    server.reachable = false
  })
  await pass(60_000)
  assert.deepEqual(agent.called('enrol-refused'), [])
  assert.deepEqual(agent.contacts, [false])
  server.reachable = true
  server.instead.set('enrol', () => problem(410, 'token-used'))
  await pass(30_000)
  assert.deepEqual(
    agent.called('enrol-refused').map(({ code }) => code),
    ['token-used'],
  )
  const before = server.calls.length
  await pass(60_000)
  assert.equal(server.calls.length, before)
})

test('an issuer that does not run, too many tries, and a proxy’s own 404 are not a "no" for good', async () => {
  for (const answer of [
    problem(503, 'issuer-unreachable'),
    problem(429, 'too-many-attempts'),
    { status: 404, json: undefined },
  ]) {
    const { agent, server, pass } = setUp((agent, server) => {
      enrolling(agent, server)
      server.instead.set('enrol', () => answer)
    })
    await pass(60_000)
    assert.deepEqual(agent.called('enrol-refused'), [], String(answer.status))
    assert.ok(server.calls.length > 2)
  }
})

test('a welcome that proves nothing to the agent ends the enrolment with the agent’s reason', async () => {
  const { agent, server } = setUp((agent, server) => {
    enrolling(agent, server)
    agent.instead.set('enrol-welcome', () => refused('wrong-signature'))
  })
  await settled()
  assert.deepEqual(
    agent.called('enrol-refused').map(({ code }) => code),
    ['wrong-signature'],
  )
  assert.deepEqual(server.paths(), ['enrol'])
})

test('a token with an address that cannot be used is told, and nobody is called', async () => {
  const { agent, server } = setUp((agent, server) => {
    enrolling(agent, server)
    agent.state = { ...agent.state, serverUrl: 'http://stint.example' }
  })
  await settled()
  assert.equal(agent.called('enrol-refused')[0]?.code, 'server-address')
  assert.deepEqual(server.calls, [])
})

test('a heal is carried in two phases; a confirmation that may be lost goes first', async () => {
  const healHello = { epoch: 1, eD: hex(32), nD: hex(16), sig: hex(64) }
  const answer = { epoch: 1, eS: hex(32), nS: hex(16), confirmS: hex(32), sigS: hex(64) }
  const healConfirm = { epoch: 1, confirmD: hex(32) }
  const wanted = (agent: TestAgent, server: TestServer) => {
    agent.state = { ...agent.state, healWanted: true }
    agent.instead.set('heal-hello', () => ({ ok: true, value: { hello: healHello, confirm: null } }))
    agent.instead.set('heal-answer', () => ({ ok: true, value: { confirm: healConfirm } }))
    server.instead.set('heal', () => ({ status: 200, json: answer }))
  }
  const both = setUp(wanted)
  await settled()
  assert.deepEqual(both.server.paths().slice(4), ['heal', 'heal/confirm'])
  assert.deepEqual(both.agent.called('heal-answer')[0]?.answer, answer)
  assert.equal(both.agent.called('healed')[0]?.epoch, 1)
  const lost = setUp((agent, server) => {
    wanted(agent, server)
    agent.instead.set('heal-hello', () => ({ ok: true, value: { hello: null, confirm: healConfirm } }))
  })
  await settled()
  assert.deepEqual(lost.server.paths().slice(4), ['heal/confirm'])
  assert.equal(lost.agent.called('healed')[0]?.epoch, 1)
})

const withJournal = (length: number, bytes?: number) => (agent: TestAgent) => {
  agent.journal = Array.from({ length }, (_, seq) => entry(seq, bytes))
  agent.state.journal.size = length
}
const uploads = (server: TestServer) =>
  server.calls
    .filter(({ path }) => path === 'journal')
    .map(({ body }) => (body as { entries: [] }).entries.length)

test('a long journal goes in order, page by page, as many bytes as the agent hands over', async () => {
  const many = setUp(withJournal(450))
  await settled()
  assert.deepEqual(uploads(many.server), [200, 200, 50])
  assert.deepEqual(
    many.server.stored.map(({ header }) => JSON.parse(header).seq),
    Array.from({ length: 450 }, (_, seq) => seq),
  )
  const large = setUp((agent) => {
    withJournal(5, 400_000)(agent)
    agent.pageEntries = 2
  })
  await settled()
  assert.deepEqual(uploads(large.server), [2, 2, 1])
  assert.deepEqual(large.agent.state.journal, { size: 5, received: 5 })
})

test('EVID-9: checkpoints, length and receipt go as the agent gave them, and what reading added goes too', async () => {
  const { agent, server } = setUp((one) => {
    withJournal(2)(one)
    one.state.journal.size = 1
    one.pageEntries = 1
    one.seals = { checkpoints: ['a note'], length: 2, receipt: hex(32) }
  })
  await settled()
  const sent = server.calls.filter(({ path }) => path === 'journal').map(({ body }) => body)
  const seals = { checkpoints: ['a note'], length: 2, receipt: hex(32) }
  assert.deepEqual(sent, [
    { entries: [entry(0)], ...seals },
    { entries: [entry(1)], ...seals },
  ])
  assert.equal(agent.state.journal.received, 2)
})

test('a server that dies in the middle gets the rest later, from its last receipt', async () => {
  const { agent, server, pass } = setUp((agent, server) => {
    withJournal(450)(agent)
    let uploaded = 0
    server.instead.set('journal', (body) => {
      uploaded += 1
      if (uploaded === 2) server.reachable = false
      server.instead.delete('journal')
      const answer = server.journalAnswer(body)
      server.instead.set('journal', again)
      return answer
    })
    const again = (body: unknown) => {
      server.reachable = false
      return { ...server.journalAnswer(body), status: 502, json: undefined }
    }
  })
  await settled()
  assert.deepEqual(agent.state.journal, { size: 450, received: 200 })
  assert.equal(server.stored.length, 400)
  server.reachable = true
  server.instead.delete('journal')
  await pass(60_000)
  assert.deepEqual(agent.state.journal, { size: 450, received: 450 })
  assert.equal(server.stored.length, 450)
})

test('a server that was set back gets what it lost: journal-gap', async () => {
  const { agent, server } = setUp((agent, server) => {
    withJournal(10)(agent)
    agent.state.journal = { size: 10, received: 8 }
    server.stored = agent.journal.slice(0, 3)
  })
  await settled()
  assert.equal(server.stored.length, 10)
  assert.deepEqual(agent.state.journal, { size: 10, received: 10 })
})

test('receipts that go back, that move nothing or that claim too much are not followed hot', async () => {
  for (const upTo of [0, 2, 99]) {
    const { agent, server, pass } = setUp((agent, server) => {
      withJournal(6)(agent)
      agent.state.journal = { size: 6, received: 2 }
      const at = '2026-11-22T08:00:00.000Z'
      server.instead.set('journal', () => ({ status: 200, json: { upTo, leaf: hex(32), at } }))
    })
    await pass(10_000)
    assert.ok(uploads(server).length <= 6, `${uploads(server).length} uploads in ten seconds`)
    assert.ok(agent.state.journal.received <= 2)
  }
})

const push = async (server: TestServer, id: string, message: DeviceMessage) =>
  server.push({ id, data: JSON.stringify(message) })
const delivered = (agent: TestAgent) => agent.called('deliver').map(({ message }) => message.type)

test('events are delivered in order and as they are, each time they come, also under the same id', async () => {
  const { agent, server } = setUp(() => undefined)
  await settled()
  const answer = { type: 'answer', requestId: nextId(), token: 'x.y.z' } as const
  await push(server, '1', answer)
  await push(server, '1', answer)
  await push(server, '1', { type: 'end-session', sessionId: nextId() })
  assert.deepEqual(delivered(agent), ['answer', 'answer', 'end-session'])
  assert.deepEqual(agent.called('deliver')[0]?.message, answer)
})

test('an event that the agent did not get is asked for again', async () => {
  const { agent, server, pass } = setUp(() => undefined)
  await settled()
  await push(server, '1', { type: 'heal' })
  agent.running = false
  await assert.rejects(push(server, '2', { type: 'heal' }), { code: 'agent-not-running' })
  server.streams.at(-1)?.end(Object.assign(new Error('cut'), { code: 'agent-not-running' }))
  await pass(5000)
  agent.restart()
  await settled()
  assert.equal(server.streams.at(-1)?.lastEventId, '1')
})

test('an event that is not understood is passed over', async () => {
  const { agent, server } = setUp(() => undefined)
  await settled()
  for (const data of ['not json', '{"type":"raise"}', '{"type":"heal","extra":1}'])
    await server.push({ id: '1', data })
  await push(server, '2', { type: 'heal' })
  assert.deepEqual(delivered(agent), ['heal'])
})

test('a stream without a sign of life for 40 seconds is dead: told, and opened again', async () => {
  const { agent, server, pass } = setUp(() => undefined)
  await settled()
  await pass(39_000)
  server.streams.at(-1)?.hear.alive()
  await pass(39_000)
  assert.equal(server.streams.length, 1)
  await pass(2000)
  assert.equal(agent.contacts.includes(false), true)
  await pass(2000)
  assert.equal(server.streams.length, 2)
  assert.equal(agent.contacts.at(-1), true)
})

test('a server that closes every stream at once is not asked hot', async () => {
  const { server, pass } = setUp((_, server) => {
    server.instead.set('events', () => problem(503, 'issuer-unreachable'))
  })
  await pass(60_000)
  const tries = server.paths().filter((path) => path === 'events').length
  assert.ok(tries >= 4 && tries <= 12, `${tries} tries in a minute`)
})

test('"revoked" on the stream stops everything', async () => {
  const { agent, server, pass } = setUp(() => undefined)
  await settled()
  await push(server, '1', { type: 'revoked' })
  await settled()
  const before = server.calls.length
  await pass(3_600_000)
  assert.equal(agent.state.state, 'revoked')
  assert.equal(server.calls.length, before)
})
