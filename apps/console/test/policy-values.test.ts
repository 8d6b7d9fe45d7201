import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultPolicy, type ProgramRule } from '@stint/elevation'
import { ruleMistakes, ruleOf } from '../src/pages/policy/mistakes.ts'
import { fieldNames, isSame, onTop, readField, writeField } from '../src/pages/policy/values.ts'

const rule = (id: string, path = '/x'): ProgramRule => ({ id, effect: 'deny', match: { path }, note: '' })
const ids = (value: unknown) => (value as readonly ProgramRule[]).map(({ id }) => id)

describe('settings that are changed as one', () => {
  const { modes: _modes, ...plain } = defaultPolicy
  const settings = { ...plain, version: 1 }

  test('each can be read, and written again without changing anything', () => {
    for (const name of fieldNames)
      assert.deepEqual(writeField(settings, name, readField(settings, name)), settings, name)
  })
  test('a kind of change is ticked and unticked by itself', () => {
    const ticked = writeField(writeField(settings, 'undo.pam', true), 'undo.account', true)
    assert.deepEqual(ticked.undo, ['account', 'pam'])
    assert.deepEqual(writeField(ticked, 'undo.pam', false).undo, ['account'])
  })
  test('rules in another order, with members in another order, say the same', () => {
    const written: ProgramRule = { note: '', match: { path: '/x' }, effect: 'deny', id: 'a' }
    assert.equal(isSame([rule('a'), rule('b')], [rule('b'), written]), true)
    assert.equal(isSame([rule('a')], [rule('a', '/y')]), false)
  })
})

describe('mine on top of theirs', () => {
  test('keeps what they added, adds what I added, removes only what I removed', () => {
    const [base, mine, theirs] = [
      [rule('a'), rule('b')],
      [rule('a'), rule('mine')],
      [rule('a'), rule('b'), rule('theirs')],
    ]
    assert.deepEqual(ids(onTop(base, mine, theirs)), ['a', 'theirs', 'mine'])
  })
  test('what they removed stays removed, unless I changed it', () => {
    assert.deepEqual(ids(onTop([rule('a')], [rule('a'), rule('b')], [])), ['b'])
    assert.deepEqual(onTop([rule('a')], [rule('a', '/mine')], []), [rule('a', '/mine')])
  })
  test('of a rule that both changed, mine', () =>
    assert.deepEqual(onTop([rule('a')], [rule('a', '/mine')], [rule('a', '/theirs')]), [rule('a', '/mine')]))
  test('patterns are merged, a plain value is mine', () => {
    assert.deepEqual(onTop(['a', 'b'], ['a', 'c'], ['a', 'b', 'd']), ['a', 'd', 'c'])
    assert.equal(onTop(1, 2, 3), 2)
  })
})

describe('a rule that is being written', () => {
  const text = {
    id: 'a',
    effect: 'deny',
    path: '',
    sha256: '',
    owner: '',
    package: 'nmap',
    note: '',
  } as const
  test('has no mistake, and keeps only what was filled in', () => {
    assert.deepEqual(ruleMistakes(text, ['b']), {})
    assert.deepEqual(ruleOf(text), { id: 'a', effect: 'deny', match: { package: 'nmap' }, note: '' })
  })
  for (const [where, change] of [
    ['id', { id: 'No Shells' }],
    ['id', { id: 'b' }],
    ['which', { package: '' }],
    ['path', { path: 'bin/sh' }],
    ['sha256', { sha256: 'FF' }],
    ['owner', { owner: 'two words' }],
    ['package', { package: 'UPPER' }],
    ['note', { note: 'x'.repeat(301) }],
  ] as const)
    test(`says what is wrong at ${where}: ${JSON.stringify(change).slice(0, 40)}`, () =>
      assert.deepEqual(Object.keys(ruleMistakes({ ...text, ...change }, ['b'])), [where]))
})
