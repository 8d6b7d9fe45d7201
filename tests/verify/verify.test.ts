import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { checks } from '../../tools/verify/findings.ts'
import {
  type Choice,
  type Files,
  filesOf,
  happen,
  jcs,
  ledgerNote,
  manifestOf,
  sealed,
  trustHash,
  witnessVkey,
  zipOf,
  zipParts,
} from './bundle.ts'
import { faults } from './faults.ts'
import { indexOf, story } from './story.ts'
import { both, type Said } from './verifiers.ts'

const known = ['--trust-hash', trustHash, '--witness', witnessVkey]
let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'stint-verify-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** What both say; fails when they do not say the same. */
function agreed(zip: Uint8Array, args: readonly string[] = known): Said {
  const [one, other] = both(folder, zip, args)
  assert(one !== undefined && other !== undefined)
  const same = ({ code, findings, notMade, sessions, notSealed }: Said) => ({
    code,
    findings,
    notMade,
    sessions,
    notSealed,
  })
  assert.deepEqual(same(other), same(one), other.errors + one.errors)
  return one
}

const good = (choice: Choice): Files => filesOf(happen(story()), choice)

describe('a good bundle', () => {
  const choices: readonly (readonly [string, Choice, readonly string[]])[] = [
    [
      'of a device with the whole ledger',
      { ledger: 'whole' },
      ['1: complete, entries 2 to 7', '2: complete, entries 10 to 15', '4: complete, entries 22 to 27'],
    ],
    [
      'of a device with a selected ledger',
      { ledger: 'selected' },
      ['1: complete, entries 2 to 7', '2: complete, entries 10 to 15', '4: complete, entries 22 to 27'],
    ],
    ['of the first session', { session: 1, ledger: 'selected' }, ['1: complete, entries 2 to 7']],
    ['of a session in the middle', { session: 2, ledger: 'selected' }, ['2: complete, entries 10 to 15']],
    [
      'of the last session with the whole ledger',
      { session: 4, ledger: 'whole' },
      ['4: complete, entries 22 to 27'],
    ],
  ]
  for (const [name, choice, sessions] of choices)
    test(`EVID-14: ${name} holds for two programs that share no code`, () => {
      const told = agreed(sealed(good(choice)))
      assert.deepEqual([told.code, told.findings], [0, []])
      assert.deepEqual(
        told.sessions,
        sessions.map((text) => `session session-${text}`),
      )
      assert.equal(told.last, 'nothing here contradicts anything else here')
    })

  test('says what is not sealed, and that no one vouched for it where nobody was named', () => {
    const told = agreed(sealed(good({ ledger: 'whole' })), [])
    assert.deepEqual(told.notSealed, ['not sealed: entries 30 to 30 of the journal'])
    assert.match(told.notMade.join('\n'), /not made: trust: no --trust-hash.*\n.*witnesses: none was named/)
  })

  test('may have dropped bodies: what needs them is not made, and said', () => {
    const files = good({ ledger: 'whole' })
    const dropped = (files.get('events.jsonl') ?? '').split('\n').map((line) => {
      const keeps = line === '' || /\\"type\\":\\"(?:seal.rotate|receipt)\\"/.test(line)
      return keeps ? line : jcs({ ...JSON.parse(line), body: null, salt: null })
    })
    const told = agreed(sealed(files.set('events.jsonl', dropped.join('\n'))))
    assert.deepEqual([told.code, told.sessions], [0, []])
    assert.match(
      told.notMade.join('\n'),
      /E6 counter-back for some requests[\s\S]*the verdict of some sessions/,
    )
  })

  test('whose last session is not sealed yet: not yet reported', () => {
    const steps = story().slice(0, indexOf(story(), 'session.end 4'))
    const told = agreed(sealed(filesOf(happen(steps), { ledger: 'whole' })))
    assert.equal(told.code, 0)
    assert.deepEqual(told.sessions.at(-1), 'session session-4: not yet reported, entries 22 to 25')
  })

  test('with a gap in the recording: incomplete, and why', () => {
    const gap = {
      kind: 'journal',
      type: 'recording.gap',
      body: { sessionId: 'session-2', cause: 'the kernel dropped records' },
    } as const
    const told = agreed(
      sealed(
        filesOf(happen(story().toSpliced(indexOf(story(), 'session.end 2'), 0, gap)), { ledger: 'whole' }),
      ),
    )
    assert.equal(told.code, 0)
    assert.equal(
      told.sessions[1],
      'session session-2: incomplete, entries 10 to 16, because the kernel dropped records',
    )
  })

  test('continues the checkpoint that the auditor kept, and no other', () => {
    const old = join(folder, 'old.txt')
    const args = [...known, '--old-checkpoint', old]
    const before = story().slice(0, indexOf(story(), 'upload 2'))
    writeFileSync(old, ledgerNote(happen(before), true))
    assert.deepEqual(agreed(sealed(good({ ledger: 'whole' })), args).findings, [])
    assert.match(
      agreed(sealed(good({ ledger: 'selected' })), args).notMade.join(),
      /your checkpoint: the bundle has no consistency/,
    )
    const other = before.map((step) =>
      step.key === 'code.issued 1' && 'body' in step
        ? { ...step, body: { ...step.body, minutes: 31 } }
        : step,
    )
    writeFileSync(old, ledgerNote(happen(other), true))
    assert.deepEqual(agreed(sealed(good({ ledger: 'whole' })), args).findings, ['E3 fork ledger 12'])
  })
})

describe('EVID-14: a planted fault is found by both and named', () => {
  for (const { name, files, finds } of faults)
    test(name, () => {
      const told = agreed(sealed(files))
      assert.equal(told.code, 1)
      for (const finding of finds)
        assert(told.findings.includes(finding), `${finding} is not in ${told.findings.join(', ')}`)
    })

  test('the sentences are those of the specification', () => {
    const spec = readFileSync('spec/evidence.md', 'utf8')
    for (const [word, [code, when, means]] of Object.entries(checks))
      assert(spec.includes(`| ${code} | \`${word}\` | ${when} | ${means} |`), word)
    const python = readFileSync('tools/verify/verify.py', 'utf8').replaceAll(/"\n\s+"/g, '')
    for (const [word, [code, , means]] of Object.entries(checks))
      assert(python.includes(`"${word}": ("${code}", "${means}")`), word)
  })
})

describe('a bundle that is not as it was made', () => {
  const files = good({ ledger: 'whole' })
  const manifest = manifestOf(files)
  const asMade = (changed: ReadonlyMap<string, string | Buffer>) =>
    zipOf(new Map([...changed, ['manifest.txt', manifest]]))
  const form = ['E0 bundle-form bundle 0']

  test('a changed manifest, a changed file, a file too many, a file too few', () => {
    const cases = [
      zipOf(new Map([...files, ['manifest.txt', manifest.replace(/.{9}\n$/, 'AAAAAAA=\n')]])),
      asMade(new Map([...files, ['README.txt', 'Believe me.\n']])),
      asMade(new Map([...files, ['receipts/99.tlog-proof', 'x\n']])),
      sealed(new Map([...files, ['notes.txt', 'x\n']])),
      sealed(new Map([...files, ['../../etc/passwd', 'x\n']])),
      asMade(new Map([...files].filter(([name]) => name !== 'report.html'))),
      sealed(new Map([...files].filter(([name]) => name !== 'trust.json'))),
    ]
    for (const zip of cases) assert.deepEqual(agreed(zip).findings, form)
  })

  test('other keys than the auditor knows', () => {
    const told = agreed(sealed(files), ['--trust-hash', '00'.repeat(32)])
    assert.deepEqual(told.findings, ['E0 bundle-trust bundle 0'])
  })

  /** One byte of one file is another one. */
  const change = (from: Files) =>
    fc
      .tuple(fc.constantFrom(...from.keys()), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([name, place, by]) => {
        const bytes = Buffer.from(from.get(name) ?? '')
        const at = place % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ by
        return { name, at, changed: new Map<string, string | Buffer>([...from, [name, bytes]]) }
      })

  test('any changed byte of any file is found by both', () => {
    const all: Files = new Map([...files, ['manifest.txt', manifest]])
    fc.assert(
      fc.property(change(all), ({ changed }) => agreed(zipOf(changed)).code === 1),
      { numRuns: 15 },
    )
  })

  test('any changed byte that matters is found by both, also when the key of the exports was stolen', () => {
    const bare: Files = new Map([...files].filter(([name]) => !/README|report|witnesses/.test(name)))
    const about = files.get('bundle.json') ?? ''
    const madeAt = about.indexOf('"madeAt":"') + 10
    const isFree = (name: string, at: number) =>
      name === 'bundle.json' && at >= madeAt && at < about.indexOf('"', madeAt)
    const rest = [...files].filter(([name]) => !bare.has(name))
    fc.assert(
      fc.property(change(bare), ({ name, at, changed }) => {
        fc.pre(!isFree(name, at))
        return agreed(sealed(new Map([...changed, ...rest]))).code === 1
      }),
      { numRuns: 30 },
    )
  })
})

describe('a file that cannot be looked at', () => {
  const zip = sealed(good({ ledger: 'whole' }))
  const part = (name: string) => ({ name, content: Buffer.from('x\n') })
  const huge = Array.from({ length: 3 }, (_, i) => ({ ...part(`${i}`), claim: 2 ** 32 - 1 }))
  const bomb = { name: 'README.txt', content: Buffer.alloc(1_000_000), method: 8, claim: 10 } as const
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['no zip', Buffer.from('This is a letter to the auditor.\n'), /This is no zip file/i],
    ['an empty file', Buffer.alloc(0), /This is no zip file/i],
    ['a zip that was cut', zip.subarray(0, 3000), /This zip file is cut/i],
    ['data behind the end', Buffer.concat([zip, Buffer.from('more')]), /has data behind its end/],
    ['ten gigabytes by its own word', zipParts(huge), /says that it holds \d+ bytes or more; the limit is/],
    ['a bomb', zipParts([bomb]), /larger than it says/],
    [
      'two files of one name',
      zipParts([part('README.txt'), part('README.txt')]),
      /two files called|there twice/,
    ],
    ['data before its entries', Buffer.concat([zip.subarray(0, 30), zip]), /./],
  ]
  for (const [name, bytes, why] of cases)
    test(name, () => {
      for (const { code, errors, text } of both(folder, bytes, known)) {
        assert.deepEqual([code, text], [4, ''])
        assert.match(errors, why)
        assert.equal(errors.split('\n').length, 2)
      }
    })

  test('a file that is not there, and a command that says nothing', () => {
    for (const { code } of both(folder, zip, ['--witness', 'nobody'])) assert.equal(code, 2)
    for (const { code } of both(folder, zip, [...known, '--witnesses-wanted', '2'])) assert.equal(code, 2)
    for (const { code } of both(folder, zip, ['--old-checkpoint', '/nowhere'])) assert.equal(code, 4)
  })
})

test('`stint verify` runs the same program: its words and its exit codes', () => {
  const path = join(folder, 'cli.zip')
  writeFileSync(path, sealed(faults[0]?.files ?? new Map()))
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['apps/cli/src/main.ts', 'verify', ...args], { encoding: 'utf8' })
  const told = run(path, ...known, '--json')
  assert.equal(told.status, 1, told.stderr)
  const { findings } = JSON.parse(told.stdout)
  assert.deepEqual([findings[0].code, findings[0].word, findings[0].number], ['E1', 'entry-body', 6])
  assert.equal(findings[0].means, 'the content of an entry was changed')
  assert.equal(run(join(folder, 'nothing.zip')).status, 4)
  assert.equal(run().status, 2)
})
