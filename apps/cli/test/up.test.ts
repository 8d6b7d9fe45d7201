import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { type Running, startStint, stint } from './fake-door/stint.ts'

const startWithinMs = 120_000

describe('stint up', { timeout: 300_000 }, () => {
  let data = ''
  let listen = ''
  const started: Running[] = []
  before(async () => {
    data = join(mkdtempSync(join(tmpdir(), 'stint-up-')), 'data')
    listen = await freeListen()
  })
  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill('SIGINT')
      await ended
    }
  })
  after(() => rmSync(join(data, '..'), { recursive: true, force: true }))

  const up = (...args: string[]) => {
    const running = startStint(['up', '--no-agent', '--data', data, ...args], {}, startWithinMs)
    started.push(running)
    return running
  }
  const pids = (): number[] =>
    JSON.parse(readFileSync(join(data, 'up.json'), 'utf8')).map(({ pid }: { pid: number }) => pid)

  test('says one line when ready, answers, and leaves nothing behind after Ctrl-C', async () => {
    const running = up('--listen', listen, '--json')
    await running.said('"ready":true')
    const health = await fetch(`http://${listen}/healthz`)
    assert.equal(health.status, 200)
    const processes = pids()
    assert.equal(processes.length, 2)
    running.child.kill('SIGINT')
    const { code, stdout } = await running.ended
    assert.equal(code, 0)
    const lines = stdout.trimEnd().split('\n')
    assert.equal(lines.length, 1)
    const { url, ownerLink, ready } = JSON.parse(lines[0] ?? '')
    assert.deepEqual([url, ready], [`http://${listen}`, true])
    assert.match(ownerLink, new RegExp(`^http://${listen}/join/.{40,}`))
    for (const pid of processes) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    assert.throws(() => statSync(join(data, 'up.sock')), { code: 'ENOENT' })
    assert.equal(statSync(join(data, 'issuer')).mode & 0o77, 0)
  })

  test('tells a person what to do next, and starts a process again that died', async () => {
    const running = up('--listen', listen)
    const said = await running.said('Ctrl-C stops it')
    assert.match(said, /Next:\n {2}1\. Open the link and choose a password\.\n {2}2\. .+\n {2}3\. /)
    assert.match(said, /This computer is not included\. You asked for none with --no-agent\./)
    const server = pids().at(-1) ?? 0
    process.kill(server, 'SIGKILL')
    await running.said(/server +│ ended by SIGKILL; it starts again in 1 s/)
    while (!(await answers(`http://${listen}/healthz`))) await systemClock.wait(50)
    assert.ok(!pids().includes(server))
  })

  test('with a data folder in use is refused: already-running', async () => {
    await up('--listen', listen, '--json').said('"ready":true')
    const { code, stdout } = await stint(['up', '--no-agent', '--data', data, '--listen', listen, '--json'])
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).refused.code, 'already-running')
  })

  test('with a port in use is refused: port-in-use, naming another one', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    try {
      const { code, stderr } = await stint([
        'up',
        '--no-agent',
        '--data',
        data,
        '--listen',
        `127.0.0.1:${port}`,
      ])
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`error: Something else listens on 127\\.0\\.0\\.1:${port} already\\.`))
      assert.match(stderr, new RegExp(`hint: .*--listen 127\\.0\\.0\\.1:${port + 1}\\.`))
    } finally {
      taken.close()
    }
  })

  test('with a data folder that cannot be made is refused: data-not-writable', async () => {
    const file = join(data, '..', 'a-file')
    writeFileSync(file, '')
    const { code, stdout } = await stint(['up', '--no-agent', '--data', join(file, 'data'), '--json'])
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).refused.code, 'data-not-writable')
  })

  test('with an address that is none is wrong usage', async () => {
    const { code, stderr } = await stint(['up', '--no-agent', '--data', data, '--listen', 'eight-thousand'])
    assert.equal(code, 2)
    assert.match(stderr, /--listen takes HOST:PORT/)
  })
})

describe('stint server init', { timeout: 120_000 }, () => {
  test('gives the owner link and a token once, and refuses a second time: already-initialised', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stint-init-'))
    try {
      const args = ['server', 'init', '--data', folder, '--owner', 'ada@example.org', '--json']
      const first = await stint(args)
      assert.equal(first.code, 0, first.stderr)
      assert.deepEqual(Object.keys(JSON.parse(first.stdout)).sort(), ['ownerLink', 'token'])
      const second = await stint(args)
      assert.equal(second.code, 1)
      assert.equal(JSON.parse(second.stdout).refused.code, 'already-initialised')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

async function freeListen(): Promise<string> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return `127.0.0.1:${port}`
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}
