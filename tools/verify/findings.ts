/** The checks of spec/evidence.md: code, when it is found, what that means. The sentences are the document's. */
export const checks = {
  'bundle-form': [
    'E0',
    'a file is missing, added, of another form or not what the manifest says; or the manifest is not signed by a `server-log` key',
    'the bundle is not as the server made it',
  ],
  'bundle-trust': [
    'E0',
    'the trust bundle is not the one that the auditor knows, is not of this tenant, or is not its own JCS',
    "every key in this bundle may be anybody's",
  ],
  'entry-form': ['E1', 'a line is not its own JCS, or a header is not canonical', 'the file was edited'],
  'entry-gap': [
    'E1',
    'a `seq` is not the one before plus 1, or the entries do not reach `until`',
    'entries were left out, repeated or reordered',
  ],
  'entry-join': [
    'E1',
    '`prev` is not the leaf of the entry before',
    'an entry was changed, inserted or reordered',
  ],
  'entry-body': [
    'E1',
    'salt or body do not give `bh`, or a body is dropped that must not be',
    'the content of an entry was changed',
  ],
  'ledger-proof': [
    'E1',
    'an entry of the ledger is not proven in, or is not what, the ledger checkpoint covers',
    'the ledger was changed, or the entry was never in it',
  ],
  'checkpoint-signature': [
    'E2',
    'a checkpoint is no note as above, is of another origin, or is not signed by the key that the `seal.rotate` before names (the first one: vkey_0, which a `device.log-key` signed by DIK names); a ledger checkpoint is not signed by a `server-log` key',
    'somebody without the key made it, or the chain of keys was broken',
  ],
  'checkpoint-missing': [
    'E2',
    'a `seal.rotate` has no checkpoint, or a checkpoint ends in no `seal.rotate`',
    'a seal was taken away or added',
  ],
  'witness-missing': [
    'E2',
    'fewer of the witnesses that the auditor names have cosigned the ledger checkpoint than he wants',
    'nobody outside says that this is the only ledger',
  ],
  fork: [
    'E3',
    'a signed checkpoint has another root than the entries, two signed checkpoints of a size differ, or a consistency proof fails',
    'two histories: a clone, a state that was set back, or a rewrite with a stolen key. The signed statements are the proof',
  ],
  'rolled-back': [
    'E3',
    'the journal ends below the size of a checkpoint that the ledger has; or a later `device.checkpoint` has a smaller size or `length` than an earlier one; or a receipt has a larger ledger than the ledger checkpoint',
    'the tail was cut off',
  ],
  'code-never-seen': [
    'E4',
    'the ledger has `code.issued` for `{deviceId, counter}`; the journal has a `request.created` with a higher counter, of the same user or while it has none with that counter; and it closes that counter neither by `grant.admitted` nor by the `request.void` of that request',
    'the tail was cut off where the code was used, or the record of its use suppressed',
  ],
  'use-not-issued': [
    'E5',
    '`grant.admitted` by `response-code` or `answer-token` without `code.issued` for that device and counter; by `answer-token` also when none has that `jti`',
    "an answer that nobody gave: the device's code key is known to somebody, or the grant was invented",
  ],
  'use-twice': ['E5', 'two `grant.admitted` for one counter', 'one answer was used again'],
  'counter-back': [
    'E6',
    'the counter of a `request.created` is not above the one before',
    'the state of the device was set back',
  ],
  'boot-back': [
    'E6',
    'within one `boot`, `up` goes back; or a `boot` occurs again after another one',
    'entries of different copies of a computer were mixed',
  ],
  'more-than-granted': [
    'E7',
    '`grantedSeconds` above what was issued (`code.issued` `minutes`, where it is not null), or `session.start` with `endsAt` later than `startedAt` + `grantedSeconds`',
    'the agent gave more than was agreed',
  ],
  'lowered-late': [
    'E7',
    '`session.end` in the same boot as its `session.start`, and later by `up` than `grantedSeconds` + 60 s; or in another boot',
    'rights stood longer than agreed: the computer slept or was off, the agent was stopped, or lowering failed',
  ],
  'raised-unsealed': [
    'E7',
    'no `seal.rotate` between the `grant.admitted` and the `session.start` of a session, or no such grant before it',
    'rights went up before their reason was sealed',
  ],
  'receipt-missing': [
    'E9',
    'a `device.checkpoint` names a receipt, and the journal reaches its `length` without a `receipt` entry of that hash below it; or a later `device.checkpoint` names an older receipt, or none',
    'the tail was cut off and grew again',
  ],
  'receipt-unknown': [
    'E9',
    'a `receipt` entry names a text that the server never made (in a bundle: that is not in it), or one that does not verify',
    'a receipt was invented, or the server denies one',
  ],
} as const satisfies Record<string, readonly [code: string, when: string, means: string]>

export type Word = keyof typeof checks

export interface Finding {
  readonly code: string
  readonly word: Word
  readonly log: 'bundle' | 'ledger' | 'journal' | 'receipt'
  /** Of an entry its `seq`, of a checkpoint or receipt its size, of a bundle 0. */
  readonly number: number
  /** What of the sentence holds here. */
  readonly detail: string
}

export interface Session {
  readonly sessionId: string
  readonly verdict: 'complete' | 'incomplete' | 'not yet reported'
  readonly from: number
  readonly to: number
  readonly because: string | null
}

/** What was found, and what could not be looked at. */
export class Report {
  readonly findings: Finding[] = []
  readonly notMade: string[] = []
  notSealed: { readonly from: number; readonly to: number } | null = null
  sessions: Session[] = []
  about = ''

  find(word: Word, log: Finding['log'], number: number, detail: string): void {
    const again = this.findings.some(
      (each) => each.word === word && each.log === log && each.number === number,
    )
    if (!again) this.findings.push({ code: checks[word][0], word, log, number, detail })
  }

  skip(check: string, why: string): void {
    const line = `${check}: ${why}`
    if (!this.notMade.includes(line)) this.notMade.push(line)
  }

  text(): string {
    const lines = [this.about]
    for (const { code, word, log, number, detail } of this.findings) {
      const [, when, means] = checks[word]
      lines.push(
        `${code} ${word} ${log} ${number}`,
        `    here:  ${detail}`,
        `    found when: ${when}`,
        `    means: ${means}`,
      )
    }
    for (const line of this.notMade) lines.push(`not made: ${line}`)
    if (this.notSealed !== null)
      lines.push(`not sealed: entries ${this.notSealed.from} to ${this.notSealed.to} of the journal`)
    for (const { sessionId, verdict, from, to, because } of this.sessions)
      lines.push(
        `session ${sessionId}: ${verdict}, entries ${from} to ${to}${because ? `, because ${because}` : ''}`,
      )
    return `${[...lines, this.verdict()].map(printable).join('\n')}\n`
  }

  verdict(): string {
    if (this.findings.length === 0) return 'nothing here contradicts anything else here'
    return this.findings.length === 1 ? '1 finding' : `${this.findings.length} findings`
  }

  json(): string {
    const { about, findings, notMade, notSealed, sessions } = this
    const told = findings.map((each) => ({
      ...each,
      when: checks[each.word][1],
      means: checks[each.word][2],
    }))
    return `${JSON.stringify({ about, findings: told, notMade, notSealed, sessions, verdict: this.verdict() })}\n`
  }
}

/** What a bundle says is shown to a person: nothing in it may steer his terminal. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
}
