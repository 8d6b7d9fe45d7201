import assert from 'node:assert/strict'
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileDisk } from '../src/config/disk.ts'

async function inFolder(work: (dir: string, disk: FileDisk) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'stint-disk-'))
  try {
    await work(dir, new FileDisk())
  } finally {
    await rm(dir, { recursive: true })
  }
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('KEY-12: folders and files of the agent are for their owner only, however they are written', () =>
  inFolder(async (dir, disk) => {
    const own = join(dir, 'state')
    await disk.makeDir(own)
    assert.equal(await modeOf(own), '700')
    await disk.replace(join(own, 'replaced'), Buffer.from('1'))
    await disk.append(join(own, 'appended'), 0, Buffer.from('1'))
    for (const name of ['replaced', 'appended']) assert.equal(await modeOf(join(own, name)), '600', name)
  }))

test('KEY-12: a link in the place of a file is neither read nor written through: disk-failed', () =>
  inFolder(async (dir, disk) => {
    const [target, link] = [join(dir, 'target'), join(dir, 'link')]
    await writeFile(target, 'of somebody else')
    await symlink(target, link)
    await assert.rejects(disk.read(link), { code: 'disk-failed' })
    await assert.rejects(disk.append(link, 0, Buffer.from('x')), { code: 'disk-failed' })
    await symlink(target, `${link}.new`)
    await disk.replace(link, Buffer.from('ours'))
    assert.ok((await lstat(link)).isFile())
    assert.equal((await disk.read(link))?.toString(), 'ours')
    assert.equal(await readFile(target, 'utf8'), 'of somebody else')
  }))
