import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { guardedLookup, isNowhere } from './addresses.ts'
import { shownPlace, type Target, targetMistake } from './targets.ts'

const webhook = (url: string): Target => ({ kind: 'webhook', url, ca: null })
const syslog = (host: string): Target => ({ kind: 'syslog', host, port: 514, tls: null })

describe('where facts may go', () => {
  for (const url of [
    'https://siem.example.org/in?key=1',
    'https://10.0.0.7:8443/in',
    'http://127.0.0.1:4318/v1/logs',
    'http://[::1]/x',
  ])
    test(`${url} is taken`, () => assert.equal(targetMistake(webhook(url), {}), null))

  for (const [url, why] of [
    ['http://siem.example.org/in', /Without https/],
    ['http://127.0.0.1.example.org/in', /Without https/],
    ['ftp://siem.example.org/in', /address with https/],
    ['file:///etc/shadow', /address with https/],
    ['https://user:pass@siem.example.org/', /no user/],
    ['https://169.254.169.254/latest/meta-data', /never sent/],
    ['https://[fe80::1]/', /never sent/],
    ['https://[::ffff:169.254.169.254]/', /never sent/],
    ['https://0.0.0.0/', /never sent/],
    ['https://2852039166/', /never sent/],
    ['not an address', /address with https/],
  ] as const)
    test(`${url} is refused with the reason`, () => assert.match(targetMistake(webhook(url), {}) ?? '', why))

  test('the same for syslog', () => {
    assert.equal(targetMistake(syslog('logs.example.org'), {}), null)
    assert.match(targetMistake(syslog('169.254.169.254'), {}) ?? '', /never sent/)
  })

  test('certificates that are none, and secrets that belong elsewhere, are refused', () => {
    const target = { ...webhook('https://a.example.org/'), ca: 'no certificate' } as Target
    assert.match(targetMistake(target, {}) ?? '', /cannot be read/)
    assert.match(targetMistake(syslog('a.example.org'), { authorization: 'x' }) ?? '', /over HTTP/)
    assert.match(targetMistake(syslog('a.example.org'), { clientKey: 'x' }) ?? '', /client certificate/)
    const tls = { ca: null, clientCertificate: 'x' }
    const keyless: Target = { kind: 'syslog', host: 'a.example.org', port: 6514, tls }
    assert.match(targetMistake(keyless, {}) ?? '', /needs its key/)
  })

  test('a name that leads to such an address is refused when it is looked up', async () => {
    const looked = (name: string) =>
      new Promise((done) => guardedLookup(name, {}, (error, address) => done(error?.message ?? address)))
    assert.match(String(await looked('localhost')), /^(127\.0\.0\.1|::1)$/)
    assert.equal(await looked('169.254.169.254'), 'That name leads to an address where facts are never sent.')
    assert.equal(isNowhere('example.org'), false)
  })

  test('what the ledger shows of an address has no query: it may hold a secret', () => {
    assert.equal(shownPlace(webhook('https://a.example.org/in?token=1')), 'https://a.example.org/in')
    assert.equal(shownPlace(syslog('a.example.org')), 'a.example.org:514')
  })
})
