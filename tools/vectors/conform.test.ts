import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { checkVectors } from './check-vectors.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

for (const path of globSync(join(root, 'spec/vectors/*.json')).sort()) {
  test(`CODE-1: the code does what every case of ${basename(path)} says`, async () => {
    const report = await checkVectors(read(path))
    assert.deepEqual(report.failures, [])
    assert.ok(report.passed > 0)
  })
}

test('the first file of the suite has its 19 cases', async () => {
  const report = await checkVectors(read(join(root, 'spec/vectors/vectors.json')))
  assert.deepEqual(report, { passed: 19, failures: [] })
})

test('a case with a wrong expected value fails and says which member', async () => {
  const report = await checkVectors({
    vectors: [{ id: 'x', in: { symbols: '6G1RAYEH3', seed: 24 }, out: { check: '1' } }],
  })
  assert.deepEqual(report.failures, ['x: check symbol: out.check is "0", should be "1"'])
})

test('a case of a kind that is not known fails instead of being skipped', async () => {
  const report = await checkVectors({ vectors: [{ id: 'x', in: { a: 1 }, out: { b: 2 } }] })
  assert.deepEqual(report.failures, ['x: a kind of case that is not known (in: a; out: b)'])
})

test('a member of out that nothing computes fails instead of being ignored', async () => {
  const report = await checkVectors({
    vectors: [{ id: 'x', in: { symbols: '6G1RAYEH3', seed: 24 }, out: { check: '0', colour: 'red' } }],
  })
  assert.deepEqual(report.failures, ['x: check symbol: out.colour is not known'])
})

test('a file without cases is a failure, not a success', async () => {
  assert.equal((await checkVectors(undefined)).failures.length, 1)
})

test('npm run vectors ends in the one agreed line and exits 1 when a case failed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stint-vectors-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'one-bad.json')
  const good = { id: 'good', in: { digits: '572', start: 0 }, out: { check: '4' } }
  writeFileSync(file, JSON.stringify({ vectors: [good, { ...good, id: 'bad', out: { check: '5' } }] }))
  const run = (path: string) =>
    spawnSync(process.execPath, [join(root, 'tools/vectors/conform.ts'), path], { encoding: 'utf8' })
  const failed = run(file)
  assert.equal(failed.status, 1)
  assert.equal(failed.stdout.trimEnd().split('\n').at(-1), '1 passed, 1 failed')
  const missing = run(join(folder, 'missing.json'))
  assert.equal(missing.status, 1)
  assert.equal(missing.stdout.trimEnd().split('\n').at(-1), '0 passed, 1 failed')
})
