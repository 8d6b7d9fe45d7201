import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ledgerTypes } from '@stint/elevation'
import fc from 'fast-check'
import type { OutFact } from './out-fact.ts'
import { severityOf } from './severity.ts'
import { octetCounted, syslogText } from './syslog-text.ts'

const fact: OutFact = {
  ...{ seq: 7, at: '2026-11-22T09:00:00.000Z', type: 'session.started', actor: 'device:1' },
  ...{ subject: 'session:2', body: { n: 1 }, dropped: false, leaf: 'ab'.repeat(32) },
}

/** RFC 5424, section 6, as a regular expression of its own. */
const message =
  /^<(\d{1,3})>1 (\S{1,40}) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([!#-<>-\\^-~]{1,32})((?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)$/su

describe('a syslog message', () => {
  test('is what RFC 5424 says, with our fields', () => {
    const [, pri, at, host, app, process, id, sd, data, text] =
      message.exec(syslogText(fact, 'stint.example.org')) ?? []
    assert.deepEqual(
      [pri, at, host, app, process, id, sd],
      ['109', fact.at, 'stint.example.org', 'stint', '-', 'session.started', 'stint@32473'],
    )
    assert.equal(
      data,
      ` seq="7" type="session.started" actor="device:1" subject="session:2" leaf="${fact.leaf}" dropped="false"`,
    )
    assert.deepEqual(JSON.parse(text ?? ''), fact)
  })

  test('no value breaks out of its place, whatever people are called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (subject, host) => {
        const parsed = message.exec(syslogText({ ...fact, subject }, host))
        assert.ok(parsed, `${subject} ${host}`)
        assert.doesNotMatch(parsed[8] ?? '', /[\n\0]/)
        assert.deepEqual(JSON.parse(parsed[9] ?? ''), { ...fact, subject })
      }),
    )
  })

  test('its length counts bytes, not letters', () => {
    assert.equal(octetCounted('äé').toString('utf8'), '4 äé')
  })

  test('every type has a severity; a refused sign-in is a warning', () => {
    for (const type of ledgerTypes) assert.match(severityOf(type), /^(warning|notice|info)$/)
    assert.match(syslogText({ ...fact, type: 'person.sign-in-refused' }, 'h'), /^<108>1 /)
    assert.match(syslogText({ ...fact, type: 'request.received' }, 'h'), /^<110>1 /)
  })
})
