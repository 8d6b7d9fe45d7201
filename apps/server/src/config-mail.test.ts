import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Fault } from '@stint/elevation'
import { smtpSettings } from './config-mail.ts'

describe('the mail server on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-smtp-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, 'a secret\n')
  after(() => rmSync(folder, { recursive: true }))
  const from = 'stint@example.org'

  test('TLS from the start, with the password of a file', () => {
    assert.deepEqual(smtpSettings({ smtp: 'smtps://stint@mail.example.org', passwordFile, from }), {
      ...{ host: 'mail.example.org', port: 465, tls: 'implicit', user: 'stint', password: 'a secret', from },
    })
  })

  test('elsewhere TLS is required; on this machine a server takes mail without', () => {
    const tlsOf = (smtp: string) => smtpSettings({ smtp, passwordFile: null, from }).tls
    assert.deepEqual(['smtp://mail.example.org', 'smtp://127.0.0.1:25'].map(tlsOf), ['starttls', 'none'])
  })

  for (const [why, given] of [
    ['not an address', { smtp: 'mail.example.org', passwordFile: null, from }],
    ['another protocol', { smtp: 'https://mail.example.org', passwordFile: null, from }],
    ['a password on the command line', { smtp: 'smtps://a:b@mail.example.org', passwordFile, from }],
    ['a user without a password', { smtp: 'smtps://a@mail.example.org', passwordFile: null, from }],
    ['a password that is not there', { smtp: 'smtps://a@mail.example.org', passwordFile: '/nowhere', from }],
    ['no sender', { smtp: 'smtp://mail.example.org', passwordFile: null, from: '' }],
  ] as const)
    test(`${why} is wrong usage`, () =>
      assert.throws(
        () => smtpSettings(given),
        (error) => error instanceof Fault && error.code === 'usage',
      ))
})
