import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CandidateDevice } from '@stint/wire/issuer'
import { enrolled, type TestDevice } from './test-device.ts'
import { given, reasonOf, testIssuer } from './test-issuer.ts'

function candidate(device: TestDevice, more: Partial<CandidateDevice> = {}): CandidateDevice {
  return {
    deviceId: device.deviceId,
    users: [
      { slot: 0, userId: 'uid:1000:eva' },
      { slot: 1, userId: 'uid:1001:finn' },
    ],
    otherUsers: [],
    lastCounter: 0,
    policySerials: [3, 2, 1],
    ...more,
  }
}

test('a code as typed names computer, user, counter, epoch and policy', async () => {
  using issuer = testIssuer()
  const [device, other] = [await enrolled(issuer), await enrolled(issuer)]
  device.counter = 40
  const request = device.request({ slot: 1, userId: 'uid:1001:finn', pol: 2 })
  const devices = [candidate(other), candidate(device)]
  const text = request.text.toLowerCase().replaceAll('-', ' ')
  const { match, suggestions } = given(await issuer.ask({ call: 'resolve', text, devices }))
  assert.deepEqual(suggestions, [])
  assert.deepEqual(match, {
    deviceId: device.deviceId,
    requestCode: request.text,
    kind: 0,
    epoch: 0,
    counter: 41,
    policySerial: 2,
    userId: 'uid:1001:finn',
    counterWentBack: false,
  })
})

test('WEB-14: a counter that is not above the last one is said', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { text } = device.request()
  const devices = [candidate(device, { lastCounter: 9 })]
  assert.equal(given(await issuer.ask({ call: 'resolve', text, devices })).match?.counterWentBack, true)
})

test('a user whom the server does not know yet is found by the name that was typed', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { text } = device.request({ slot: 14, userId: 'uid:1002:gus' })
  const without = given(await issuer.ask({ call: 'resolve', text, devices: [candidate(device)] }))
  assert.equal(without.match, null)
  const devices = [candidate(device, { otherUsers: ['uid:1002:gus'] })]
  assert.equal(given(await issuer.ask({ call: 'resolve', text, devices })).match?.userId, 'uid:1002:gus')
})

test('CODE-12: a misheard symbol is a suggestion, never a match', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { text } = device.request()
  const last = text.at(-1) === '7' ? '8' : '7'
  const typed = `${text.slice(0, -1)}${last}`
  const result = given(await issuer.ask({ call: 'resolve', text: typed, devices: [candidate(device)] }))
  assert.equal(result.match, null)
  assert.ok(result.suggestions.some(({ requestCode }) => requestCode === text))
})

test('a code of a computer that is revoked, or not a candidate, fits nothing', async () => {
  using issuer = testIssuer()
  const device = await enrolled(issuer)
  const { text } = device.request()
  const nothing = { match: null, suggestions: [] }
  assert.deepEqual(given(await issuer.ask({ call: 'resolve', text, devices: [] })), nothing)
  given(await issuer.ask({ call: 'device.revoke', deviceId: device.deviceId }))
  const devices = [candidate(device)]
  assert.deepEqual(given(await issuer.ask({ call: 'resolve', text, devices })), nothing)
})

test('text that is no code is refused: malformed-code', async () => {
  using issuer = testIssuer()
  for (const text of ['', 'ABCDE', 'not a code at all!', 'A'.repeat(16), '1'.repeat(24)])
    assert.equal(reasonOf(await issuer.ask({ call: 'resolve', text, devices: [] })), 'malformed-code', text)
})
