import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { findGroupRoot, groupMembers } from '../../apps/agent/src/os/linux/cgroup.ts'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Computer, type Outcome, startPolkit, until, whyNot } from './os-fixture.ts'

const minuteMs = 60_000

describe('polkit on a real computer', {
  skip: whyNot('sudo', 'useradd', 'pkexec', 'pkaction', 'dbus-daemon'),
}, () => {
  let computer: Computer
  let person: Account
  let other: Account
  before(async () => {
    computer = await Computer.open()
    await computer.os.prepare()
    await startPolkit(computer)
    person = await computer.addAccount()
    other = await computer.addAccount()
  })
  after(async () => {
    await computer?.close()
  })

  /** As a desktop login would: with the login id of the person. */
  const pkexec = (who: Account, command: string): Promise<Outcome> =>
    computer.asLogin(who, `exec pkexec --disable-internal-agent ${command}`)
  const allowed = async (who: Account): Promise<boolean> => (await pkexec(who, 'id -u')).stdout === '0\n'
  const lower = () => computer.os.lower({ sessionId: 's-1', uid: person.uid })

  test('a graphical elevation works while the session stands, for this person only', async () => {
    assert.equal((await computer.os.facts()).polkit, true)
    assert.equal(await allowed(person), false)
    await computer.os.raise(computer.order(person.uid))
    await until('polkit has read the rule', () => allowed(person))
    assert.equal(await allowed(other), false)
    await lower()
    const refused = await pkexec(person, 'id -u')
    assert.equal(refused.status, 127)
    assert.match(refused.stderr, /Not authorized|authentication agent/)
  })

  test('lowering ends it at once, even before polkit has noticed', async () => {
    await computer.os.raise(computer.order(person.uid))
    await until('polkit has read the rule', () => allowed(person))
    await lower()
    assert.equal(await allowed(person), false)
  })

  test('END-1: polkit ends it by itself at the deadline of the wall clock', async () => {
    const { wallMs, bootMs } = computer.clock.now()
    const order = computer.order(person.uid, {
      endsAtWallMs: wallMs + 3_000,
      endsAtBootMs: bootMs + minuteMs,
    })
    await computer.os.raise(order)
    await until('polkit has read the rule', () => allowed(person))
    await until('polkit refuses', async () => !(await allowed(person)))
    assert.ok(computer.clock.now().wallMs >= wallMs + 2_500)
    await lower()
  })

  test('END-3: the second lock ends it by time since boot', async () => {
    const { wallMs, bootMs } = computer.clock.now()
    const order = computer.order(person.uid, {
      endsAtWallMs: wallMs + minuteMs,
      endsAtBootMs: bootMs + 3_000,
    })
    await computer.os.raise(order)
    await until('polkit has read the rule', () => allowed(person))
    await until('polkit refuses', async () => !(await allowed(person)))
    assert.ok(computer.clock.now().bootMs >= bootMs + 1_500)
    await lower()
  })

  test('what pkexec starts lands in the group of the session', async () => {
    await computer.os.raise(computer.order(person.uid))
    await until('polkit has read the rule', () => allowed(person))
    const running = pkexec(person, 'sleep 7100')
    const group = `${findGroupRoot(computer.paths.name)}/s-1`
    await until('it is in the group', async () => (await groupMembers(group)).length === 1)
    await lower()
    const { ended } = await computer.os.endProcesses({
      sessionId: 's-1',
      uid: person.uid,
      sinceBootMs: 0,
      graceMs: 0,
    })
    assert.ok(ended.some(({ exe }) => exe?.endsWith('/sleep')))
    assert.notEqual((await running).status, 0)
  })

  test('without a login id pkexec is refused: the records could not name the person', async () => {
    await computer.os.raise(computer.order(person.uid))
    await until('polkit has read the rule', () => allowed(person))
    const { stdout, status } = await computer.as(person, 'exec pkexec id -u')
    assert.deepEqual({ stdout, failed: status !== 0 }, { stdout: '', failed: true })
    await lower()
  })

  test('a rule that a crash left behind is found and lowered', async () => {
    await computer.os.raise(computer.order(person.uid))
    const rules = () =>
      readdirSync(computer.paths.polkitRules).filter((name) => name.startsWith(computer.paths.polkitPrefix))
    // As after a reboot: /run is empty, the rule is on disk.
    rmSync(computer.paths.run, { recursive: true })
    assert.equal(rules().length, 1)
    assert.equal(await allowed(person), false)
    assert.deepEqual(await computer.os.raisedSessions(), [{ sessionId: 's-1', uid: person.uid }])
    assert.equal(await lower(), 'removed-elsewhere')
    assert.equal(rules().length, 0)
    await computer.os.prepare()
  })
})
