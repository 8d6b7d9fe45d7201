import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { differing, generate } from './main.ts'

const folder = new URL('../../../spec/vectors/', import.meta.url)

interface Parsed {
  readonly suite: string
  readonly vectors: readonly { id: string; why?: string; in: object; out: object }[]
}

const parsed = (text: string): Parsed => JSON.parse(text) as Parsed

test('vectors.json is the first published file, byte for byte', () => {
  const digest = createHash('sha256')
    .update(readFileSync(new URL('vectors.json', folder)))
    .digest('hex')
  assert.equal(digest, 'f79d61363f5890e80a5228533a46a809f7009b56c3feb829d34a672cc63ed82c')
})

test('the committed files are what the generator writes', () => {
  assert.deepEqual(differing(), [])
})

test('a file that differs is named', () => {
  assert.equal(differing(new URL('no-such-folder/', folder)).length, generate().size)
})

test('every id is unique in all files, and every generated case says why', () => {
  const cases = [...generate().values()].flatMap((text) => parsed(text).vectors)
  const first = parsed(readFileSync(new URL('vectors.json', folder), 'utf8')).vectors
  const ids = [...first, ...cases].map(({ id }) => id)
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  )
  assert.deepEqual(
    cases.filter(({ why }) => why === undefined || why === ''),
    [],
  )
})

test('every class of refusal occurs', () => {
  const results = new Set(
    [...generate().values()].flatMap((text) =>
      [...text.matchAll(/"result": "([a-z-]+)"/g)].map(([, r]) => r),
    ),
  )
  for (const result of ['format', 'typo', 'bad', 'wait', 'locked', 'expired', 'consumed', 'quarantine']) {
    assert.ok(results.has(result), `no case with result ${result}`)
  }
})

test('Python’s standard library comes to the same keys and codes', (t) => {
  if (spawnSync('python3', ['--version']).error !== undefined) {
    t.skip('python3 is not installed')
    return
  }
  const script = new URL('crosscheck.py', import.meta.url).pathname
  const run = spawnSync('python3', [script], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stdout + run.stderr)
  assert.match(run.stdout, /^\d+ passed, 0 failed$/m)
})
