import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProgramPolicy, ProgramRule } from './policy.ts'
import {
  decideProgram,
  matchesGlob,
  type ProgramFacts,
  programPolicyMistake,
  programRuleMistake,
} from './program-rules.ts'

const facts: ProgramFacts = {
  path: '/usr/bin/wireshark',
  otherPaths: [],
  sha256: 'aa'.repeat(32),
  owner: 'root',
  package: 'wireshark',
}
const rule = (
  effect: ProgramRule['effect'],
  match: ProgramRule['match'],
  id: string = effect,
): ProgramRule => ({
  id,
  effect,
  match,
  note: `because of ${id}`,
})
const decide = (
  rules: readonly ProgramRule[],
  known: Partial<ProgramFacts> = {},
  otherwise: ProgramPolicy['otherwise'] = 'allow',
) => decideProgram({ otherwise, rules }, { ...facts, ...known })

test('GATE-13: a deny rule wins over an allow rule in whatever order they stand', () => {
  const allow = rule('allow', { path: '/usr/bin/wireshark' })
  const deny = rule('deny', { path: '/usr/bin/*' })
  for (const rules of [
    [allow, deny],
    [deny, allow],
  ])
    assert.deepEqual(decide(rules), { allowed: false, rule: 'deny', note: 'because of deny' })
})

test('what no rule decides is as `otherwise` says', () => {
  assert.deepEqual(decide([]), { allowed: true, rule: null })
  assert.deepEqual(decide([], {}, 'deny'), { allowed: false, rule: null, note: '' })
  const allow = rule('allow', { package: 'wireshark' })
  assert.deepEqual(decide([allow], {}, 'deny'), { allowed: true, rule: 'allow' })
  assert.equal(decide([allow], { package: '' }, 'deny').allowed, false)
})

const members = { path: facts.path, sha256: facts.sha256, owner: facts.owner, package: facts.package } as {
  path: string
  sha256: string
  owner: string
  package: string
}
const memberNames = ['path', 'sha256', 'owner', 'package'] as const

test('every given member must fit', () => {
  for (const name of memberNames) {
    assert.equal(decide([rule('deny', members)], { [name]: 'something else' }).allowed, true, name)
    assert.equal(decide([rule('deny', { [name]: members[name] })]).allowed, false, name)
  }
})

test('GATE-14: what is unknown opens no door: it fits no allow rule and every deny rule', () => {
  for (const name of memberNames) {
    assert.equal(decide([rule('allow', members)], { [name]: null }, 'deny').allowed, false, name)
    assert.equal(decide([rule('deny', members)], { [name]: null }).allowed, false, name)
    for (const other of memberNames.filter((member) => member !== name))
      assert.equal(decide([rule('deny', members)], { [name]: null, [other]: 'something else' }).allowed, true)
  }
})

test('another path of the same file counts for deny, never for allow', () => {
  const known = { path: '/tmp/copy', otherPaths: ['/usr/bin/wireshark'] }
  assert.equal(decide([rule('deny', { path: '/usr/bin/wireshark' })], known).allowed, false)
  assert.equal(decide([rule('allow', { path: '/usr/bin/wireshark' })], known, 'deny').allowed, false)
})

test('the content is not looked at when another member differs already', () => {
  const lazy = {
    ...facts,
    get sha256(): string {
      throw new Error('looked at')
    },
  }
  const rules = [rule('deny', { path: '/usr/bin/other', sha256: 'bb'.repeat(32) })]
  assert.equal(decideProgram({ otherwise: 'allow', rules }, lazy).allowed, true)
})

test('a rule that names nothing fits nothing', () => {
  assert.equal(decide([rule('deny', {})]).allowed, true)
  assert.equal(decide([rule('allow', {})], {}, 'deny').allowed, false)
})

test('one star stays within a folder, two do not, and nothing else is special', () => {
  const cases: readonly [string, string, boolean][] = [
    ['/usr/bin/*', '/usr/bin/id', true],
    ['/usr/bin/*', '/usr/bin/', true],
    ['/usr/*/id', '/usr/local/bin/id', false],
    ['/usr/**/id', '/usr/local/bin/id', true],
    ['/opt/**', '/opt/a/b/c', true],
    ['/opt/**', '/optional', false],
    ['/opt/a*b*c', '/opt/aXbYc', true],
    ['/opt/a.c', '/opt/abc', false],
    ['/opt/[ab]', '/opt/a', false],
    ['/opt/***', '/opt/a/b', true],
  ]
  for (const [glob, path, fits] of cases) assert.equal(matchesGlob(glob, path), fits, `${glob} ${path}`)
})

/** Tries everything, as the definition says it. */
function naive(glob: string, path: string): boolean {
  if (glob === '') return path === ''
  if (glob.startsWith('**')) {
    return naive(glob.slice(2), path) || (path !== '' && naive(glob, path.slice(1)))
  }
  if (glob.startsWith('*')) {
    return naive(glob.slice(1), path) || (path !== '' && path[0] !== '/' && naive(glob, path.slice(1)))
  }
  return path[0] === glob[0] && naive(glob.slice(1), path.slice(1))
}

test('globs match what their definition says', () => {
  const text = (letters: readonly string[]) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text(['a', 'b', '/', '*', '**']), text(['a', 'b', '/']), (glob, path) => {
      assert.equal(matchesGlob(glob, path), naive(glob, path))
    }),
    { numRuns: 5_000 },
  )
})

test('a glob made to be slow ends, also where trying every way would not', () => {
  assert.equal(matchesGlob(`/${'*a'.repeat(200)}b`, `/${'a'.repeat(4_000)}`), false)
  assert.equal(matchesGlob(`/${'**a'.repeat(200)}`, `/${'a'.repeat(4_000)}`), true)
})

test('mistakes in rules are named', () => {
  const good = rule('deny', { path: '/usr/bin/wireshark' })
  assert.equal(programRuleMistake(good), null)
  const mistakes: readonly [Partial<ProgramRule>, RegExp][] = [
    [{ match: {} }, /Say which programs/],
    [{ match: { path: 'usr/bin/x' } }, /begins with a slash/],
    [{ match: { path: '/usr/bin/' } }, /not a folder/],
    [{ match: { path: '/usr/../bin/x' } }, /"\.\."/],
    [{ match: { path: '/usr//x' } }, /empty part/],
    [{ match: { path: '/a\nb' } }, /control characters/],
    [{ match: { path: `/${'a'.repeat(1024)}` } }, /at most 1024/],
    [{ match: { sha256: 'AA'.repeat(32) } }, /lower-case hexadecimal/],
    [{ match: { owner: 'a b' } }, /one account/],
    [{ match: { package: 'Wire shark' } }, /package manager/],
    [{ id: 'Not this' }, /lower-case letters/],
    [{ note: 'x'.repeat(301) }, /at most 300/],
  ]
  for (const [change, sentence] of mistakes)
    assert.match(programRuleMistake({ ...good, ...change }) ?? '', sentence)
  assert.match(
    programPolicyMistake({ otherwise: 'allow', rules: [good, good] }) ?? '',
    /Two rules are called deny/,
  )
  assert.equal(programPolicyMistake({ otherwise: 'allow', rules: [good] }), null)
})
