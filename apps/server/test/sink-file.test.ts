import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { minuteMs } from '../src/clock.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import { type SinkWorld, sinkWorld, upTo } from './sink-world.ts'

const killed = fileURLToPath(new URL('./sink-killed.ts', import.meta.url))

describe('facts into a file', () => {
  let root: string
  let folder: string
  let db: Database
  let world: SinkWorld
  const target = { kind: 'file', name: 'stint.jsonl' } as const
  const lines = (name = target.name as string) =>
    readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)
  const numbers = (name?: string) => lines(name).map((line) => JSON.parse(line).seq)

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'stint-facts-'))
    folder = join(root, 'facts')
    mkdirSync(folder)
    db = await openDatabase(join(root, 'stint.db'))
    world = sinkWorld(db, { means: { folder, key: null } })
  })
  afterEach(async () => {
    await db.close()
    rmSync(root, { recursive: true })
  })

  test('A8: one object in each line, every fact once, readable by its owner and group', async () => {
    await world.happened(700)
    await world.made({ target })
    await world.sinks.send()
    assert.deepEqual(numbers(), upTo(701))
    assert.equal(statSync(join(folder, target.name)).mode & 0o027, 0)
  })

  test('a file that was moved away is followed by a new one', async () => {
    await world.made({ target })
    await world.sinks.send()
    renameSync(join(folder, target.name), join(folder, 'stint.jsonl.1'))
    await world.happened(2)
    await world.sinks.send()
    assert.deepEqual([numbers('stint.jsonl.1'), numbers()], [[0], [1, 2]])
  })

  for (const batch of [1, 2, 3])
    test(`A8: killed after batch ${batch} was written and before its position was: no fact is lost`, async () => {
      await world.happened(1200)
      const { id } = await world.made({ target })
      const died = spawnSync(process.execPath, [killed, join(root, 'stint.db'), folder, String(batch)])
      assert.deepEqual([died.signal, died.stdout.toString()], ['SIGKILL', ''])
      const before = numbers()
      assert.equal(before.length, Math.min(batch * 500, 1201))
      assert.equal((await world.row(id)).position, (batch - 1) * 500)
      world.clock.pass(3 * minuteMs)
      await world.sinks.send()
      const all = numbers()
      assert.deepEqual(all.slice(0, before.length), before)
      assert.deepEqual([...new Set(all)], upTo(1201))
      assert.deepEqual(all.slice(before.length), upTo(1201).slice((batch - 1) * 500))
    })

  test('a line that a stop cut in half is ended, and its fact comes whole behind it', async () => {
    await world.happened(2)
    await world.made({ target })
    await world.sinks.send()
    await world.happened(1)
    const whole = readFileSync(join(folder, target.name))
    writeFileSync(join(folder, target.name), whole)
    truncateSync(join(folder, target.name), whole.length - 20)
    await world.sinks.send()
    const read = lines()
    assert.throws(() => JSON.parse(read[2] ?? ''), SyntaxError)
    assert.equal(JSON.parse(read[3] ?? '').seq, 3)
  })

  test('a link, a folder that is gone, a pipe: refused with the reason, and nothing is written elsewhere', async () => {
    const { id } = await world.made({ target })
    const fail = async () => {
      await world.sinks.send()
      world.clock.pass(15 * minuteMs)
      return (await world.row(id)).last_error
    }
    writeFileSync(join(root, 'outside'), '')
    symlinkSync(join(root, 'outside'), join(folder, target.name))
    assert.equal(await fail(), 'The file is a link; links are not followed.')
    assert.equal(readFileSync(join(root, 'outside'), 'utf8'), '')
    rmSync(join(folder, target.name))
    assert.equal(spawnSync('mkfifo', [join(folder, target.name)]).status, 0)
    assert.equal(await fail(), 'It is not a file.')
    rmSync(folder, { recursive: true })
    assert.equal(await fail(), 'The folder is not there.')
    mkdirSync(folder)
    await world.sinks.send()
    assert.deepEqual([numbers(), readdirSync(folder)], [[0], [target.name]])
  })
})
