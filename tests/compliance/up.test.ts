/** `stint up` as root, as somebody does who tries the product out, under an installation name of its own. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Running, startStint } from '../../apps/cli/test/fake-door/stint.ts'
import { Computer, run, until, whyNot } from './os-fixture.ts'
import { shareCheckout } from './workplace.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser')
const startWithinMs = 180_000

async function freeListen(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `127.0.0.1:${port}`
}

test('stint up as root includes this computer, and Ctrl-C leaves nothing but the data folder', {
  skip,
  timeout: 300_000,
}, async () => {
  await using undo = new AsyncDisposableStack()
  const computer = await Computer.open()
  undo.defer(() => computer.close())
  const { name } = computer.paths
  const runDir = `/run/${name}`
  const folder = mkdtempSync(join(tmpdir(), 'stint-up-'))
  undo.defer(() => {
    for (const dir of [runDir, folder]) rmSync(dir, { recursive: true, force: true })
  })
  const data = join(folder, 'data')
  const steps: (() => unknown)[] = []
  undo.defer(async () => {
    for (const step of steps.reverse()) await step()
  })
  const home = await shareCheckout(name, steps)
  const person = await computer.addAccount()
  const listen = await freeListen()
  const started: Running[] = []
  undo.defer(async () => {
    for (const { child, ended } of started) {
      child.kill('SIGINT')
      await ended
    }
  })
  const up = (): Running => {
    const words = ['up', '--data', data, '--listen', listen, '--run', runDir, '--json']
    const running = startStint(words, {}, startWithinMs)
    started.push(running)
    return running
  }
  const pids = (): readonly number[] =>
    JSON.parse(readFileSync(join(data, 'up.json'), 'utf8')).map(({ pid }: { pid: number }) => pid)
  // biome-ignore lint/suspicious/noExplicitAny: each verb has its own answer; the assertions look into it
  const stint = async (verb: string): Promise<any> => {
    const node = process.execPath.replace(process.cwd(), home)
    const main = `${home}/apps/cli/src/main.ts`
    const become = ['-u', person.name, '--', node, main, verb, '--run', runDir, '--json']
    return JSON.parse((await run('runuser', become)).stdout)
  }
  const stop = async ({ child, ended }: Running): Promise<void> => {
    const processes = pids()
    assert.equal(processes.length, 4, 'issuer, server, agent and courier')
    child.kill('SIGINT')
    const { code, stderr } = await ended
    assert.equal(code, 0, stderr)
    for (const pid of processes) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  }

  const first = up()
  await first.said('"ready":true')
  assert.ok(
    !existsSync(join(data, 'first-token')),
    'the computer is enrolled, and the token of the start gone',
  )
  assert.ok(!existsSync(join(data, 'enrolment-token')))
  await until(
    'the agent hears from the server',
    async () => (await stint('status')).device.online,
    30_000,
    500,
  )
  const { findings } = await stint('doctor')
  const agent = findings.find(({ check }: { check: string }) => check === 'agent')
  assert.equal(agent.state, 'good', agent.found)
  const { deviceId } = (await stint('status')).device
  await stop(first)

  const second = up()
  await second.said('"ready":true')
  assert.equal((await stint('status')).device.deviceId, deviceId, 'the same computer, enrolled once')
  await stop(second)
})
