import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ProcessRow } from '../src/api/sessions.ts'
import { withoutOwnHook } from '../src/pages/session/own-hook.ts'

const row = (changes: Partial<ProcessRow>): ProcessRow => ({
  pid: 10,
  parentPid: 9,
  uid: 0,
  program: '/bin/sh',
  args: ['/bin/sh', '/usr/lib/stint/join'],
  argsCut: false,
  directory: '/tmp',
  sha256: null,
  startedAt: '2026-11-22T09:17:18.637Z',
  endedAt: '2026-11-22T09:17:18.640Z',
  exitCode: 0,
  signal: null,
  ...changes,
})

describe('Stint’s own hook', () => {
  it('is taken out and counted', () => {
    const ran = row({ pid: 11, program: '/usr/bin/id', args: ['id', '-u'] })
    assert.deepEqual(withoutOwnHook([row({}), ran]), { others: [ran], hooks: 1 })
  })

  const disguises: Record<string, readonly ProcessRow[]> = {
    'another program under its name': [row({ program: '/usr/bin/python3' })],
    'a shell with something after it': [row({ args: ['/bin/sh', '/usr/lib/stint/join', 'x'] })],
    'a shell with something before it': [row({ args: ['/bin/sh', '-c', '/usr/lib/stint/join'] })],
    'a file elsewhere': [row({ args: ['/bin/sh', '/tmp/usr/lib/stint/join'] })],
    'one that leads out of its folder': [row({ args: ['/bin/sh', '/usr/lib/stint/../join'] })],
    'one that failed': [row({ exitCode: 1 })],
    'one that still runs': [row({ exitCode: null, endedAt: null })],
    'one whose arguments were cut': [row({ argsCut: true })],
    'one that started something': [
      row({}),
      row({ pid: 12, parentPid: 10, program: '/bin/id', args: ['id'] }),
    ],
  }
  for (const [name, rows] of Object.entries(disguises))
    it(`is not ${name}: nothing is hidden`, () => {
      assert.deepEqual(withoutOwnHook(rows), { others: rows, hooks: 0 })
    })
})
