import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '../src/db/database.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

describe('the process', () => {
  const data = mkdtempSync(join(tmpdir(), 'stint-server-'))
  const started: ChildProcess[] = []
  after(() => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(data, { recursive: true })
  })
  function start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [main, ...args, '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.push(child)
    return child
  }
  async function run(...args: string[]): Promise<{ code: number; out: string }> {
    const child = start(...args)
    let out = ''
    child.stdout?.on('data', (chunk) => {
      out += chunk
    })
    const [code] = await once(child, 'close')
    return { code, out }
  }

  test('init makes an owner and a token, once; a second time it refuses with already-initialised', async () => {
    const first = await run('init', '--owner', 'ops@example.org', '--json')
    const made = JSON.parse(first.out)
    assert.equal(first.code, 0)
    assert.match(made.ownerLink, /^http:\/\/127\.0\.0\.1:8003\/join\/[\w-]{43}$/)
    assert.match(made.token, /^stint_/)
    const second = await run('init', '--owner', 'ops@example.org', '--json')
    assert.deepEqual([second.code, JSON.parse(second.out).refused.code], [1, 'already-initialised'])
    const spoken = await run('init', '--owner', 'ops@example.org')
    assert.deepEqual([spoken.code, spoken.out], [1, ''], 'JSON only where it was asked for')
  })

  test('the database is closed to other accounts, also in a folder that is open', async () => {
    const open = join(data, 'open')
    mkdirSync(open, { mode: 0o755 })
    assert.equal((await run('init', '--database', join(open, 'stint.db'), '--json')).code, 0)
    assert.equal(statSync(join(open, 'stint.db')).mode & 0o077, 0)
  })

  test('a PostgreSQL that is not there is called so, and its password is not in the message', async () => {
    await assert.rejects(
      openDatabase('postgres://stint:not-to-be-seen@127.0.0.1:1/stint'),
      (error: Error) => {
        assert.match(error.message, /^PostgreSQL gives no connection \(ECONNREFUSED\)$/)
        assert.ok(!JSON.stringify({ ...error, message: error.message }).includes('not-to-be-seen'))
        return true
      },
    )
  })

  test('wrong usage ends with 2', async () => {
    assert.equal((await run('--listen', 'nowhere')).code, 2)
  })

  test('it says in one line that it is ready, answers, and stops cleanly', async () => {
    const child = start('--listen', '127.0.0.1:0', '--json')
    const [line] = await once(child.stdout ?? child, 'data')
    const said = JSON.parse(String(line))
    assert.equal(said.ready, true)
    const answer = await fetch(`${said.url}/healthz`)
    assert.equal(await answer.text(), 'ok\n')
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
  })
})
