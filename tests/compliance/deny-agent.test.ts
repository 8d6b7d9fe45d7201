/** Denying as it is shipped: a real agent, a real person, and what happens when a part of it hangs or dies. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ProgramPolicy } from '@stint/elevation'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import { DenyBench, skip } from './deny-fixture.ts'
import { run, until } from './os-fixture.ts'
import { Line, RunningAgent } from './running-agent.ts'

describe('an agent that denies', { skip }, () => {
  const organisation = new Organisation()
  let bench: DenyBench
  let stateDir: string
  let agent: RunningAgent
  let courier: Line
  let tool: string
  const runDir = () => `/run/${bench.computer.paths.name}`

  async function start(...more: string[]): Promise<void> {
    agent = new RunningAgent(runDir(), stateDir, ['--courier-uid', String(bench.other.uid), ...more])
    await agent.ready()
    courier = await Line.to(join(runDir(), 'courier', 'agent.sock'))
  }

  async function deliver(programs: ProgramPolicy): Promise<void> {
    const contacts = { email: 'desk@example.org', link: '', telephone: '' }
    const policy = organisation.policy({ graceSeconds: 0, programs, contacts })
    await courier.call({ call: 'deliver', message: { type: 'policy', policy } })
  }

  // biome-ignore lint/suspicious/noExplicitAny: bodies of many types; the assertions look into them
  async function facts(type: string): Promise<any[]> {
    const { entries } = await courier.call({ call: 'journal', from: 0, limit: 500 })
    return entries
      .filter(({ header }: { header: string }) => JSON.parse(header).type === type)
      .map(({ body }: { body: unknown }) => body)
  }

  async function raise(): Promise<void> {
    const user = await Line.to(join(runDir(), 'u', String(bench.person.uid), 'agent.sock'))
    await user.call({ call: 'request', mode: 'session', reason: 'Try to be denied', offline: true })
    const request = (await facts('request.created')).at(-1)
    await user.call({ call: 'answer', text: organisation.response(request, 15).text })
    user.close()
  }

  /** The process that answers the kernel: the only child of the agent that runs for long. */
  function guardPid(): number | null {
    const parent = String(agent.child.pid)
    const isGuard = (pid: string): boolean => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')
        return stat?.[1] === parent && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('guard.ts')
      } catch {
        return false
      }
    }
    const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isGuard(name))
    return found === undefined ? null : Number(found)
  }

  const direct = (command: string) => bench.computer.asLogin(bench.person, `exec sudo -n ${command}`)
  const rules = (): ProgramPolicy => ({ otherwise: 'allow', rules: [bench.deny({ path: tool })] })

  before(async () => {
    bench = await DenyBench.open()
    for (const session of await bench.computer.os.raisedSessions()) await bench.computer.os.lower(session)
    stateDir = `/var/lib/${bench.computer.paths.name}`
    tool = `${bench.dir}/tool`
    await start('--enroll', organisation.token())
    const { hello } = await courier.call({ call: 'enrol-hello' })
    await courier.call({ call: 'enrol-welcome', welcome: organisation.welcome(hello) })
    await courier.call({ call: 'enrolled' })
  })
  after(async () => {
    courier?.close()
    await agent?.stop()
    await rm(stateDir, { recursive: true, force: true })
    await bench?.close()
  })

  test('GATE-13, REC-5: what policy denies does not start in a session, directly or not, and the journal says so', async () => {
    await deliver(rules())
    assert.equal(guardPid(), null, 'nothing is armed while nobody is raised')
    await raise()
    assert.match((await facts('session.start')).at(-1).denying, /^fanotify \(1 rule\)/)
    assert.match((await direct(tool)).stderr, /not permitted/)
    assert.match((await direct(`sh -c "${tool} --password=hunter2"`)).stderr, /not permitted/)
    assert.equal((await direct(`${bench.dir}/other`)).stdout, 'ran\n')
    await until('both are written', async () => (await facts('process.denied')).length >= 2)
    const denied = await facts('process.denied')
    assert.ok(denied.every(({ program, rule }) => program === tool && rule === 'no'))
    assert.ok(denied.some(({ args }) => args.at(-1) === '--password=[redacted]'))
  })

  test('a policy that comes meanwhile is in force at once', async () => {
    await deliver({ otherwise: 'allow', rules: [bench.deny({ path: `${bench.dir}/other` })] })
    assert.match((await direct(`${bench.dir}/other`)).stderr, /not permitted/)
    assert.equal((await direct(tool)).stdout, 'ran\n')
    await deliver(rules())
  })

  test('GATE-13: a killed agent holds nobody up, lets nobody be raised, and denies again when it is back', async () => {
    const waiting = bench.elevated(
      `touch ${bench.dir}/waits; while [ ! -e ${bench.dir}/go ]; do sleep 0.1; done; ${tool}`,
    )
    await until('it is let in and waits', () => existsSync(`${bench.dir}/waits`))
    await agent.stop('SIGKILL')
    courier.close()
    await until('no guard is left', () => guardPid() === null)
    assert.equal((await run('/bin/true', [])).status, 0)
    assert.notEqual((await direct('/bin/true')).status, 0, 'without the agent nobody is let in')
    await start()
    await until('it denies again', async () => (await direct('/bin/true')).status === 0, 15_000)
    await run('touch', [`${bench.dir}/go`])
    assert.match((await waiting).stderr, /not permitted/)
  })

  test('GATE-13: a guard that hangs is ended within seconds, everybody goes on, and the session is over', async () => {
    const guard = guardPid()
    assert.ok(guard)
    process.kill(guard, 'SIGSTOP')
    const began = process.hrtime.bigint()
    assert.equal((await run('/bin/true', [])).status, 0)
    const heldUpMs = Number(process.hrtime.bigint() - began) / 1e6
    assert.ok(heldUpMs < 8_000, `held up for ${heldUpMs} ms`)
    await until('the session is over', async () => (await facts('session.end')).length > 0, 15_000)
    const end = (await facts('session.end')).at(-1)
    assert.deepEqual([end.reason, end.proven], ['denial-lost', true])
    assert.match((await facts('recording.gap')).at(-1).cause, /^denial-lost: .*did not answer/)
    assert.notEqual((await direct('/bin/true')).status, 0)
    assert.equal(guardPid(), null)
  })

  test('GATE-13: a session whose guard is killed is over', async () => {
    await deliver({ otherwise: 'allow', rules: [{ ...bench.deny({ path: tool }), note: 'again' }] })
    await raise()
    const guard = guardPid()
    assert.ok(guard)
    process.kill(guard, 'SIGKILL')
    await until('the session is over', async () => (await facts('session.end')).length > 1, 15_000)
    assert.equal((await facts('session.end')).at(-1).reason, 'denial-lost')
    await until('the rights are gone', async () => (await direct('/bin/true')).status !== 0)
  })
})
