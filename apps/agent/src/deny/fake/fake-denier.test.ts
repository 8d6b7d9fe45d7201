import assert from 'node:assert/strict'
import { test } from 'node:test'
import { denierContract } from '../deny.contract.ts'
import { FakeDenier } from './fake-denier.ts'

const listener = { onDenied: () => undefined, onLost: () => undefined }
const order = { uid: 1000, sessionId: 's-1', policy: { otherwise: 'deny', rules: [] } } as const

denierContract('fake', async () => {
  const denier = new FakeDenier()
  return {
    denier,
    uid: 1000,
    otherUid: 1001,
    program: '/usr/bin/wireshark',
    otherProgram: '/usr/bin/id',
    startsElevated: async (uid, program) => denier.starts(uid, program),
    startsPlainly: async () => true,
    close: async () => undefined,
  }
})

test('a fake denier that is not available does not arm, and says why', async () => {
  const denier = new FakeDenier()
  const why = { message: 'Too old.', hint: 'Use another.' }
  denier.knobs.availability = { available: false, obstacle: 'kernel-unsupported', ...why }
  await assert.rejects(denier.arm(order, listener), { code: 'kernel-unsupported', ...why })
  assert.equal(denier.isDenying(1000), false)
})

test('a fake denier that breaks tells everybody once, and denies nothing any more', async () => {
  const denier = new FakeDenier()
  const told: string[] = []
  await denier.arm(order, { ...listener, onLost: (why) => told.push(why) })
  assert.equal(denier.starts(1000, '/usr/bin/id'), false)
  denier.breaks('gone')
  denier.breaks('gone')
  assert.deepEqual(told, ['gone'])
  assert.equal(denier.starts(1000, '/usr/bin/id'), true)
})
