import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { Fault } from '@stint/elevation'
import { FrameReader, frame } from '@stint/wire'
import { SetClock } from '../../test/set-clock.ts'
import { createIssuerSocket } from './issuer-socket.ts'

describe('the line to the issuer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-issuer-'))
  const path = join(folder, 'issuer.sock')
  const clock = new SetClock()
  const link = createIssuerSocket(path, { clock, timers: clock })
  let answer: (call: { id: number; call: string }, socket: Socket) => void = () => undefined
  let server: Server
  const asked: string[] = []
  before(async () => {
    server = createServer((socket) => {
      const reader = new FrameReader(10_000)
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        for (const text of reader.push(chunk)) {
          const call = JSON.parse(text)
          asked.push(call.call)
          answer(call, socket)
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
  })
  beforeEach(() => asked.splice(0))
  after(async () => {
    link.close()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  test('answers find their calls, whatever their order', async () => {
    const held: { id: number; call: string }[] = []
    answer = (call, socket) => {
      held.push(call)
      if (held.length < 2) return
      for (const { id, call: name } of held.reverse()) socket.write(frame({ id, ok: true, result: { name } }))
    }
    const both = await Promise.all([
      link.call({ call: 'trust' }),
      link.call({ call: 'device.revoke', deviceId: 'a' }),
    ])
    assert.deepEqual(both, [
      { ok: true, value: { name: 'trust' } },
      { ok: true, value: { name: 'device.revoke' } },
    ])
  })

  test('a refusal keeps its code', async () => {
    answer = ({ id }, socket) =>
      socket.write(frame({ id, ok: false, refused: { code: 'quota', message: 'm', hint: 'Wait.' } }))
    const outcome = await link.call({ call: 'trust' })
    assert.ok(!outcome.ok)
    assert.deepEqual([outcome.refused.code, outcome.refused.hint], ['quota', 'Wait.'])
  })

  test('a fault of the issuer is a fault here', async () => {
    answer = ({ id }, socket) =>
      socket.write(
        frame({ id, ok: false, fault: { code: 'kek-missing', message: 'No key', hint: 'Restore it.' } }),
      )
    await assert.rejects(
      link.call({ call: 'trust' }),
      (error) => error instanceof Fault && error.code === 'issuer-fault',
    )
  })

  test('a line that breaks refuses everybody who waits with issuer-unreachable, and the next call connects again', async () => {
    answer = (_call, socket) => socket.destroy()
    const broken = await link.call({ call: 'trust' })
    assert.equal(broken.ok ? '' : broken.refused.code, 'issuer-unreachable')
    answer = ({ id }, socket) => socket.write(frame({ id, ok: true, result: {} }))
    assert.equal((await link.call({ call: 'trust' })).ok, true)
  })

  test('an issuer that stays silent for more than fifteen seconds is unreachable', async () => {
    const arrived = new Promise<void>((resolve) => {
      answer = () => resolve()
    })
    const call = link.call({ call: 'trust' })
    await arrived
    clock.pass(16_000)
    const outcome = await call
    assert.equal(outcome.ok ? '' : outcome.refused.code, 'issuer-unreachable')
  })

  test('nobody there at all: issuer-unreachable', async () => {
    const nobody = createIssuerSocket(join(folder, 'none.sock'), { clock, timers: clock })
    const outcome = await nobody.call({ call: 'trust' })
    assert.equal(outcome.ok ? '' : outcome.refused.code, 'issuer-unreachable')
  })
})
