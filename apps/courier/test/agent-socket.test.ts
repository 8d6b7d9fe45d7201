import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { frame } from '@stint/wire'
import type { CourierState } from '@stint/wire/local-courier'
import { agentSocket } from '../src/agent-socket.ts'
import { SetTimers } from './set-timers.ts'
import { TestAgent } from './test-agent.ts'

const { state } = new TestAgent()

/** The agent's end of the socket: a line in, whatever `reply` makes of it out. */
async function agentEnd(path: string, reply: (call: { id: number; call: string }, socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\n').filter(Boolean)) reply(JSON.parse(line), socket)
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'agent-'))
  const timers = new SetTimers()
  const lines: string[] = []
  const path = join(folder, 'agent.sock')
  const link = agentSocket(path, timers, (line) => lines.push(line))
  return {
    path,
    timers,
    lines,
    link,
    [Symbol.dispose]() {
      link.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Resolves at each `connected`, and at each `changed` with the state. */
function hearing() {
  const connected = Promise.withResolvers<void>()
  const changed = Promise.withResolvers<CourierState>()
  return {
    hear: { connected: () => connected.resolve(), changed: (next: CourierState) => changed.resolve(next) },
    connected: connected.promise,
    changed: changed.promise,
  }
}

test('calls get their own answers in any order: done, refused or a fault', async () => {
  using at = place()
  const held: (() => void)[] = []
  const end = await agentEnd(at.path, ({ id, call }, socket) => {
    const refusal = { code: 'not-enrolled', message: 'no', hint: 'enrol' }
    const replies: Record<string, unknown> = {
      state: { id, ok: true, result: state },
      prove: { id, ok: false, refused: refusal },
      healed: { id, ok: false, fault: { code: 'disk-full', message: 'full', hint: 'make room' } },
    }
    held.unshift(() => socket.write(frame(replies[call])))
    if (held.length === 3) for (const send of held) send()
  })
  const { hear, connected } = hearing()
  at.link.listen(hear)
  await connected
  const answers = await Promise.allSettled([
    at.link.call({ call: 'state' }),
    at.link.call({ call: 'prove', nonce: '00'.repeat(32), courierKey: '00'.repeat(32) }),
    at.link.call({ call: 'healed', epoch: 1 }),
  ])
  assert.deepEqual(answers[0], { status: 'fulfilled', value: { ok: true, value: state } })
  assert.equal(
    answers[1].status === 'fulfilled' && !answers[1].value.ok && answers[1].value.refused.code,
    'not-enrolled',
  )
  assert.equal(answers[2].status === 'rejected' && answers[2].reason.code, 'disk-full')
  await end.stop()
})

test('what the agent says unasked is heard', async () => {
  using at = place()
  const end = await agentEnd(at.path, () => undefined)
  const { hear, connected, changed } = hearing()
  at.link.listen(hear)
  await connected
  while (end.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
  for (const socket of end.sockets) socket.write(frame({ event: 'state', state }))
  assert.deepEqual(await changed, state)
  await end.stop()
})

test('an agent that goes away fails what was asked: agent-not-running; a new one is found again', async () => {
  using at = place()
  await assert.rejects(at.link.call({ call: 'state' }), { code: 'agent-not-running' })
  const first = await agentEnd(at.path, (_call, socket) => socket.destroy())
  const before = hearing()
  const after = hearing()
  let connections = 0
  at.link.listen({
    changed: () => undefined,
    connected: () => {
      connections += 1
      if (connections === 1) before.hear.connected()
      else after.hear.connected()
    },
  })
  await before.connected
  await assert.rejects(at.link.call({ call: 'state' }), { code: 'agent-not-running' })
  await first.stop()
  const second = await agentEnd(at.path, ({ id }, socket) =>
    socket.write(frame({ id, ok: true, result: state })),
  )
  let found = false
  void after.connected.then(() => {
    found = true
  })
  while (!found) await at.timers.pass(5000)
  assert.deepEqual(await at.link.call({ call: 'state' }), { ok: true, value: state })
  await second.stop()
})

test('bytes that are no message close the connection and are not in the log', async () => {
  for (const text of [
    'hunter2\n',
    '{"id":1}\n',
    '{"event":"state","state":{"hunter2":1}}\n',
    `${'x'.repeat(9 * 2 ** 20)}`,
  ]) {
    using at = place()
    const end = await agentEnd(at.path, (_call, socket) => socket.write(text))
    const { hear, connected } = hearing()
    at.link.listen(hear)
    await connected
    await assert.rejects(at.link.call({ call: 'state' }), { code: 'agent-not-running' })
    assert.equal(at.lines.length, 1)
    assert.ok(!at.lines.join().includes('hunter2'))
    await end.stop()
  }
})
