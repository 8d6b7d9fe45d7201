import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, changeOf, emptyDraft, isWhole } from '../src/pages/connections/draft.ts'

describe('the form of a connection', () => {
  it('sends nothing of a kind that was chosen before', () => {
    const draft = {
      ...emptyDraft('webhook'),
      name: ' Chat ',
      host: 'old',
      authorization: 'Bearer x',
      url: 'https://a.b/c',
    }
    assert.deepEqual(bodyOf(draft), {
      name: 'Chat',
      target: { kind: 'webhook', url: 'https://a.b/c', ca: null },
      types: null,
      from: 'now',
    })
  })

  it('keeps a secret that is there by leaving it out', () => {
    const draft = { ...emptyDraft('otlp'), name: 'Logs', url: 'https://c.example/v1/logs' }
    assert.equal('authorization' in changeOf(draft), false)
    assert.equal(changeOf({ ...draft, authorization: 'Bearer x' }).authorization, 'Bearer x')
  })

  it('shows no certificate where there is no TLS', () => {
    const draft = {
      ...emptyDraft('syslog'),
      name: 'S',
      host: 'h',
      clientCertificate: 'PEM',
      clientKey: 'KEY',
    }
    assert.deepEqual(changeOf({ ...draft, tls: false }).target, {
      kind: 'syslog',
      host: 'h',
      port: 6514,
      tls: null,
    })
    assert.equal('clientKey' in changeOf({ ...draft, tls: false }), false)
    assert.equal(changeOf(draft).clientKey, 'KEY')
  })

  it('is not whole without what its kind needs', () => {
    assert.equal(isWhole({ ...emptyDraft('syslog'), name: 'S' }), false)
    assert.equal(isWhole({ ...emptyDraft('file'), name: 'F' }), true)
    assert.equal(isWhole({ ...emptyDraft('file'), name: 'F', types: [] }), false)
  })
})
