/** The agent as it is shipped, as root on this computer, with a real person, real sudo and the kernel's audit. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import { Computer, until, whyNot } from './os-fixture.ts'
import { Line, RunningAgent } from './running-agent.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser', 'setsid')

test('a person is raised by a code, recorded, survives a restart of the agent, and is lowered', {
  skip,
}, async () => {
  const computer = await Computer.open()
  const runDir = `/run/${computer.paths.name}`
  const stateDir = `/var/lib/${computer.paths.name}`
  const running: RunningAgent[] = []
  const start = async (...more: string[]) => {
    const agent = new RunningAgent(runDir, stateDir, more)
    running.push(agent)
    await agent.ready()
    return agent
  }
  try {
    const person = await computer.addAccount()
    const courierAccount = await computer.addAccount()
    const courierUid = ['--courier-uid', String(courierAccount.uid)]
    const organisation = new Organisation()
    const first = await start('--enroll', organisation.token(), ...courierUid)
    const courier = await Line.to(join(runDir, 'courier', 'agent.sock'))
    const { hello } = await courier.call({ call: 'enrol-hello' })
    const { confirm } = await courier.call({ call: 'enrol-welcome', welcome: organisation.welcome(hello) })
    assert.equal(confirm.confirmD, organisation.expectedConfirmation)
    await courier.call({ call: 'enrolled' })
    const policy = organisation.policy({ graceSeconds: 1 })
    assert.deepEqual(await courier.call({ call: 'deliver', message: { type: 'policy', policy } }), {
      done: true,
    })

    const user = await Line.to(join(runDir, 'u', String(person.uid), 'agent.sock'))
    assert.equal((await user.call({ call: 'status' })).user.name, person.name)
    const reason = 'Try the real thing'
    const asked = await user.call({ call: 'request', mode: 'session', reason, offline: true })
    const { entries } = await courier.call({ call: 'journal', from: 0, limit: 500 })
    const fact = entries
      .map((entry: { body: { requestCode?: string } }) => entry.body)
      .find(({ requestCode }: { requestCode?: string }) => requestCode !== undefined)
    assert.equal(fact.requestCode, asked.requestCode)
    assert.equal(await computer.canAct(person.uid), false)
    const session = await user.call({ call: 'answer', text: organisation.response(fact, 5).text })
    assert.equal(await computer.canAct(person.uid), true)
    const login = await computer.asLogin(
      person,
      'sudo -n /usr/bin/id -u; sudo -n sh -c "setsid sleep 900 >/dev/null 2>&1 & exit 3"',
    )
    assert.match(login.stdout, /^0\n/)

    const second = new RunningAgent(runDir, stateDir, [])
    running.push(second)
    assert.equal((await once(second.child, 'exit'))[0], 4)
    assert.match(second.log, /Another agent/)

    user.close()
    courier.close()
    assert.equal(await first.stop(), 0)
    assert.equal(await computer.canAct(person.uid), true, 'a stop of the agent lowers nothing')
    await start(...courierUid)
    const again = await Line.to(join(runDir, 'u', String(person.uid), 'agent.sock'))
    const status = await again.call({ call: 'status' })
    assert.equal(status.session?.sessionId, session.sessionId)
    const ended = await again.call({ call: 'end' })
    assert.equal(ended.endReason, 'ended-by-user')
    assert.equal(await computer.canAct(person.uid), false)

    const upload = await Line.to(join(runDir, 'courier', 'agent.sock'))
    const journal = async (): Promise<{ type: string; body: Record<string, unknown> }[]> => {
      const page = await upload.call({ call: 'journal', from: 0, limit: 500 })
      return page.entries.map((entry: { header: string; body: Record<string, unknown> }) => {
        return { type: JSON.parse(entry.header).type, body: entry.body }
      })
    }
    await until(
      'the end is in the journal',
      async () => (await journal()).some(({ type }) => type === 'session.end'),
      90_000,
    )
    const facts = await journal()
    const end = facts.find(({ type }) => type === 'session.end')?.body
    assert.deepEqual([end?.reason, end?.proven, end?.stillRunning], ['ended-by-user', true, []])
    const started = facts.find(({ type }) => type === 'session.start')?.body
    const programs = facts
      .filter(({ type }) => type === 'process.elevated')
      .map(({ body }) => String(body.program))
    if (String(started?.recording).startsWith('kernel-audit')) {
      assert.ok(programs.includes('/usr/bin/id'), programs.join(' '))
      assert.ok(programs.includes('/usr/bin/sleep'), programs.join(' '))
      assert.ok(
        facts.some(({ type }) => type === 'recording.gap'),
        'the restart is a gap',
      )
    }
    process.stderr.write(`${started?.recording}; ${facts.length} entries; elevated: ${programs.join(' ')}\n`)
    again.close()
    upload.close()
  } finally {
    for (const agent of running) await agent.stop()
    await rm(runDir, { recursive: true, force: true })
    await rm(stateDir, { recursive: true, force: true })
    await computer.close()
  }
})
