import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isOwnRequest } from './own-request.ts'

describe('own requests', () => {
  const ada = { email: 'Ada@Example.org' }
  for (const [userId, userName] of [
    ['uid:1000:ada', 'x'],
    ['upn:ada@example.org', 'x'],
    ['upn:ada@corp.example.org', 'x'],
    ['sid:S-1-5-21-1', 'CORP\\ada'],
    ['sid:S-1-5-21-1', 'ADA'],
    ['uid:1000:x', 'ada@example.org'],
  ] as const)
    test(`${userId} ${userName} is ${ada.email}`, () =>
      assert.equal(isOwnRequest(ada, { userId, userName }), true))

  for (const [userId, userName] of [
    ['uid:1000:adam', 'adam'],
    ['uid:1000:mia', 'mia'],
    ['upn:mia@ada.example.org', 'mia'],
  ] as const)
    test(`${userId} ${userName} is somebody else`, () =>
      assert.equal(isOwnRequest(ada, { userId, userName }), false))
})
