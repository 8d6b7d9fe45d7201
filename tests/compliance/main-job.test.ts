/**
 * The main job as a person lives it: real programs, a real account, real sudo, the kernel's audit, and a network that
 * is really cut. Nothing of the computer is changed afterwards.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Account } from '../../apps/agent/src/os/os.ts'
import type { CuttableNetwork } from './cuttable-network.ts'
import type { OrganisationServer } from './organisation-server.ts'
import { type Computer, until, whyNot } from './os-fixture.ts'
import { Workplace } from './workplace.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser', 'ip', 'setpriv')

describe('one computer, one person, one approver', { skip }, () => {
  let place: Workplace | undefined
  let computer: Computer
  let person: Account
  let network: CuttableNetwork
  let office: OrganisationServer

  before(async () => {
    place = await Workplace.open()
    ;({ computer, person, network, office } = place)
    await office.join()
    await place.enrol(await office.enrollmentToken())
  })
  after(() => place?.close())

  // biome-ignore lint/suspicious/noExplicitAny: each verb has its own answer; the assertions look into it
  async function stint(...words: readonly string[]): Promise<any> {
    return place?.stint(...words)
  }

  const sudo = (script: string) => computer.as(person, `exec sudo -n ${script}`)

  async function sessionOf(requestId: string) {
    let found: { id: string; state: string } | undefined
    await until(
      'the server has the session',
      async () => {
        const { items } = await office.call('GET', '/sessions')
        found = items.find((item: { requestId: string | null }) => item.requestId === requestId)
        return found !== undefined
      },
      60_000,
      500,
    )
    return office.call('GET', `/sessions/${found?.id}`)
  }

  async function endedSession(requestId: string) {
    await until(
      'the server knows the end',
      async () => (await sessionOf(requestId)).summary.state === 'ended',
      100_000,
      500,
    )
    const detail = await sessionOf(requestId)
    const { items } = await office.call('GET', `/sessions/${detail.summary.id}/processes?limit=200`)
    return { detail, processes: items }
  }

  test('GATE-9: nobody is an administrator before anybody agreed', async () => {
    assert.equal(await computer.canAct(person.uid), false)
    assert.equal((await stint('status')).session, null)
  })

  test('GATE-1 GATE-2 END-1: approved online, sudo works for exactly the agreed time, and the page says what ran', async () => {
    const asked = await stint('request', '--reason', 'Install the printer driver', '--minutes', '1')
    assert.equal(asked.sent, true)
    const { items } = await office.call('GET', '/requests?state=pending')
    assert.deepEqual(
      items.map(({ id, reason }: { id: string; reason: string }) => ({ id, reason })),
      [{ id: asked.requestId, reason: 'Install the printer driver' }],
    )
    await office.call('POST', `/requests/${asked.requestId}/approve`, {
      minutes: 1,
      endProcesses: true,
      note: '',
    })
    await until('the rights are up', () => computer.canAct(person.uid))
    const { session } = await stint('status')
    assert.equal(session.credential, 'answer-token')
    assert.equal((await sudo("sh -c 'echo for the record; exit 7'")).status, 7)
    await sudo("sh -c 'setsid sleep 1000 >/dev/null 2>&1 &'")

    const leftMs = Date.parse(session.endsAt) - computer.clock.now().wallMs
    assert.ok(leftMs > 0 && leftMs <= 60_000, `${leftMs} ms are left`)
    await until(
      'the time is up',
      () => computer.clock.now().wallMs > Date.parse(session.endsAt) + 1_000,
      70_000,
    )
    assert.match((await sudo('true')).stderr, /a password is required|not allowed/)

    const { detail, processes } = await endedSession(asked.requestId)
    assert.equal(detail.summary.endReason, 'expired')
    assert.equal(detail.summary.approvedBy, 'Carol')
    assert.equal(detail.proven, true)
    assert.deepEqual(detail.stillRunning, [])
    assert.equal(detail.summary.completeness, 'complete')
    const ran = processes.find(
      ({ args }: { args: string[] }) => args.join(' ') === 'sh -c echo for the record; exit 7',
    )
    assert.equal(ran?.exitCode, 7)
    assert.equal(ran?.uid, 0)
    const daemon = processes.find(({ args }: { args: string[] }) => args.join(' ') === 'sleep 1000')
    assert.equal(daemon?.signal, 'SIGTERM')
  })

  test('GATE-2 CODE-5: with the network cut, ten symbols read aloud do the same', async () => {
    const settings = await office.call('GET', '/settings')
    const { changedAt: _at, changedBy: _by, ...kept } = settings
    const contacts = { email: 'help@example.org', link: '', telephone: '+49 30 1234' }
    await office.call('PUT', '/settings', { ...kept, offlineCodes: true, contacts })
    await until(
      'the computer obeys the new policy',
      async () => (await stint('status')).policy.offlineCodes === true,
    )
    await network.cut()

    const asked = await stint('request', '--reason', 'The printer again, on a train', '--minutes', '15')
    assert.equal(asked.sent, false)
    assert.deepEqual(asked.contacts[0], { kind: 'telephone', value: '+49 30 1234' })
    const { device } = await office.call('POST', '/codes/identify', { text: asked.requestCode.slice(0, 5) })
    assert.notEqual(device, null)
    const seen = await office.call('POST', '/codes/resolve', { text: asked.requestCode.toLowerCase() })
    assert.equal(seen.request.userName, person.name)
    const spoken = await office.call('POST', '/codes/issue', {
      requestId: seen.request.id,
      minutes: 5,
      endProcesses: true,
      callerCheck: 'called-back',
      note: '',
    })
    const wrong = await stint(
      'code',
      spoken.text.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
    )
    assert.equal(wrong.refused.code, 'typo')
    assert.equal(await computer.canAct(person.uid), false)
    const session = await stint('code', spoken.text)
    assert.equal(await computer.canAct(person.uid), true)
    assert.equal((await sudo('/usr/bin/id -un')).stdout, 'root\n')
    assert.equal((await stint('code', spoken.text)).refused.code, 'already-granted')
    await stint('end')
    assert.equal((await stint('code', spoken.text)).refused.code, 'consumed')
    assert.equal(await computer.canAct(person.uid), false)

    await network.mend()
    const { detail, processes } = await endedSession(seen.request.id)
    assert.equal(detail.summary.id, session.sessionId)
    assert.equal(detail.summary.endReason, 'ended-by-user')
    assert.equal(detail.request.reason, 'The printer again, on a train')
    assert.equal(detail.request.decision.carried, 'telephone')
    assert.equal(detail.request.decision.callerCheck, 'called-back')
    assert.ok(processes.some(({ args }: { args: string[] }) => args.join(' ') === '/usr/bin/id -un'))
    assert.equal((await office.call('GET', '/sessions')).items.length, 2)
  })
})
