import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type DataFolder, takeDataFolder } from '../src/up/data-folder.ts'

async function inFolder(work: (data: string) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'stint-data-'))
  try {
    await work(data)
  } finally {
    rmSync(data, { recursive: true })
  }
}

async function taken(data: string): Promise<DataFolder> {
  const folder = await takeDataFolder(data)
  return folder.ok ? folder.value : assert.fail(folder.failure.code)
}

/** No process, and no group of processes, can have this number. */
const nobody = 2 ** 31 - 1

test('a memory that names no process ends none, and does not keep anybody from starting', () =>
  inFolder(async (data) => {
    for (const pid of [nobody, -nobody, 'x']) {
      writeFileSync(join(data, 'up.json'), JSON.stringify([{ pid, startedAt: null }]))
      await (await taken(data)).release()
    }
  }))

test('a folder where none can be made is refused at once: data-not-writable', {
  skip: process.platform === 'linux' ? false : 'needs Linux: /proc',
  timeout: 10_000,
}, async () => {
  const folder = await takeDataFolder('/proc/stint/data')
  assert.equal(folder.ok ? 'taken' : folder.failure.code, 'data-not-writable')
})

test('a link in the place of the memory is not written through', () =>
  inFolder(async (data) => {
    const target = join(data, 'target')
    writeFileSync(target, 'of somebody else')
    symlinkSync(target, join(data, 'up.json'))
    const folder = await taken(data)
    folder.remember(new Map([['server', process.pid]]))
    assert.equal(readFileSync(target, 'utf8'), 'of somebody else')
    assert.ok(lstatSync(join(data, 'up.json')).isFile())
    await folder.release()
  }))

test(
  'a memory that somebody else wrote ends no process',
  {
    skip: process.getuid?.() === 0 ? false : 'gives a file to another account: needs root',
  },
  () =>
    inFolder(async (data) => {
      const bystander = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
      const answers = async () => {
        bystander.stdin.write('there\n')
        const said = await Promise.race([once(bystander.stdout, 'data'), once(bystander, 'exit')])
        return String(said[0])
      }
      try {
        assert.equal(await answers(), 'there\n')
        const stat = readFileSync(`/proc/${bystander.pid}/stat`, 'utf8')
        const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
        const memory = join(data, 'up.json')
        writeFileSync(memory, JSON.stringify([{ pid: bystander.pid, startedAt }]))
        chownSync(memory, 1000, 1000)
        const folder = await taken(data)
        assert.equal(await answers(), 'there\n')
        await folder.release()
      } finally {
        bystander.kill('SIGKILL')
      }
    }),
)
