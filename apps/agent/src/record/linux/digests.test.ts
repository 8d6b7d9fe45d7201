import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { ContentDigests } from './digests.ts'

describe('digests of programs', () => {
  let dir: string
  before(() => {
    dir = mkdtempSync(`${tmpdir()}/stint-digests-`)
  })
  after(() => rmSync(dir, { recursive: true }))
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

  test('are of the content, also after it changed under the same name', async () => {
    const digests = new ContentDigests()
    const path = `${dir}/program`
    writeFileSync(path, 'one')
    assert.equal(await digests.sha256(path), sha256('one'))
    assert.equal(await digests.sha256(path), sha256('one'))
    writeFileSync(`${path}.new`, 'two')
    renameSync(`${path}.new`, path)
    assert.equal(await digests.sha256(path), sha256('two'))
  })

  test('there is none for what is gone, no file, or behind a link', async () => {
    const digests = new ContentDigests()
    symlinkSync('/bin/true', `${dir}/link`)
    for (const path of [`${dir}/missing`, dir, '/dev/null', `${dir}/link`, '/memfd:x (deleted)', '/a\\xff']) {
      assert.equal(await digests.sha256(path), null, path)
    }
  })
})
