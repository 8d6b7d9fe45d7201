/** How long a person waits from the approval to the first `sudo`, with everything as it is shipped. Linux, as root. */

import type { UserEvent } from '@stint/wire/local-user'
import type { Account } from '../../apps/agent/src/os/os.ts'
import type { Door } from '../../apps/cli/src/door.ts'
import { CuttableNetwork } from '../../tests/compliance/cuttable-network.ts'
import { OrganisationServer, startProgram, stopProgram } from '../../tests/compliance/organisation-server.ts'
import { type Computer, until } from '../../tests/compliance/os-fixture.ts'
import {
  addSudoRule,
  courierUid,
  loadText,
  must,
  openComputer,
  openDoorOf,
  openShell,
  startAgent,
  stopWhenAsked,
} from './bench-computer.ts'
import type { PersonShell } from './person-shell.ts'
import { pairedRatio, round, spread } from './spread.ts'

/** An agent takes 20 requests of one person in a day. */
const warmUps = 2
const rounds = 15
const sudo = 'sudo -n true'

type Row = 'plain' | 'told' | 'first' | 'later'
type Measured = Record<Row, number[]>

const rowNames: readonly (readonly [Row, string])[] = [
  ['plain', 'sudo -n true, plain rule'],
  ['later', 'sudo -n true, in a session'],
  ['told', 'until the agent says so'],
  ['first', 'until sudo -n true succeeded'],
]

interface Stage {
  readonly plain: PersonShell
  readonly person: PersonShell
  readonly door: Door
  readonly office: OrganisationServer
}

async function msOf(act: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint()
  await act()
  return Number(process.hrtime.bigint() - began) / 1e6
}

async function medianSudoMs(shell: PersonShell): Promise<number> {
  const calls = []
  for (let call = 0; call < 3; call++) calls.push((await shell.time(sudo)).wallMs)
  return spread(calls).median
}

async function measure(
  stage: Stage,
  raise: (stage: Stage) => Promise<() => Promise<void>>,
): Promise<Measured> {
  const { plain, person, door } = stage
  const measured: Measured = { plain: [], told: [], first: [], later: [] }
  for (let at = -warmUps; at < rounds; at++) {
    stopWhenAsked()
    const approve = await raise(stage)
    const plainMs = await medianSudoMs(plain)
    if (await person.succeeds(sudo)) throw new Error('these rights are not from the approval')
    const toldMs = await msOf(approve)
    const sudoMs = await msOf(async () => {
      while (!(await person.succeeds(sudo)));
    })
    const laterMs = await medianSudoMs(person)
    must(await door.call('end', {}))
    await until('the session is over', async () => must(await door.call('status', {})).session === null)
    if (at < 0) continue
    measured.plain.push(plainMs)
    measured.told.push(toldMs)
    measured.first.push(toldMs + sudoMs)
    measured.later.push(laterMs)
  }
  return measured
}

/** The person has written the code down; what is left is to type its last symbol. */
async function byCode({ door, office }: Stage): Promise<() => Promise<void>> {
  const asked = must(
    await door.call('request', { reason: 'Measure the code', mode: 'session', offline: true }),
  )
  const { request } = await office.call('POST', '/codes/resolve', { text: asked.requestCode })
  const terms = {
    requestId: request.id,
    minutes: 15,
    endProcesses: true,
    callerCheck: 'called-back',
    note: '',
  }
  const { text } = await office.call('POST', '/codes/issue', terms)
  return async () => {
    must(await door.call('answer', { text }))
  }
}

/** The approver has the request on screen; what is left is to press "Approve". */
async function online({ door, office }: Stage): Promise<() => Promise<void>> {
  const asked = must(await door.call('request', { reason: 'Measure the network', mode: 'session' }))
  if (!asked.sent) throw new Error('the request did not reach the server')
  const raised = new Promise<void>((resolve, reject) => {
    const onEvent = ({ status }: UserEvent) => status.session !== null && resolve()
    void door.watch(onEvent, () => reject(new Error('the agent is gone')))
  })
  const terms = { minutes: 15, endProcesses: true, note: '' }
  return async () => {
    await office.call('POST', `/requests/${asked.requestId}/approve`, terms)
    await raised
  }
}

async function startOffice(
  undo: AsyncDisposableStack,
  network: CuttableNetwork,
): Promise<OrganisationServer> {
  const office = await OrganisationServer.start(`${network.here}:18003`)
  undo.defer(() => office.close())
  const { changedAt: _at, changedBy: _by, ...settings } = await office.call('GET', '/settings')
  const contacts = { email: '', link: '', telephone: '+49 30 1234' }
  await office.call('PUT', '/settings', { ...settings, offlineCodes: true, contacts })
  return office
}

async function startCourier(undo: AsyncDisposableStack, computer: Computer, network: CuttableNetwork) {
  const account = ['--uid', String(courierUid), '--gid', String(courierUid)]
  const flags = ['--run', `/run/${computer.paths.name}`, ...account, '--plain-http']
  const { child } = await startProgram('courier', flags, network.inside)
  undo.defer(() => stopProgram(child))
}

async function openNetwork(undo: AsyncDisposableStack, { paths }: Computer): Promise<CuttableNetwork> {
  const network = await CuttableNetwork.open(paths.name)
  undo.defer(() => network.close())
  return network
}

function waitOnline(door: Door, online: boolean): Promise<void> {
  const what = online ? 'the computer is online and obeys the policy' : 'the computer is offline'
  return until(
    what,
    async () => {
      const { device, policy } = must(await door.call('status', {}))
      return device.online === online && policy.offlineCodes
    },
    90_000,
  )
}

function print(title: string, measured: Measured): void {
  console.log(`\n${title}: ${rounds} rounds, ${loadText()}`)
  console.table(
    rowNames.map(([row, what]) => {
      const { median, min, max } = spread(measured[row])
      const times = { 'median ms': round(median), 'min ms': round(min), 'max ms': round(max) }
      return { what, ...times, '× plain': round(pairedRatio(measured[row], measured.plain)) }
    }),
  )
}

await using undo = new AsyncDisposableStack()
const computer = await openComputer(undo, 'ip', 'bash')
const accounts: readonly [Account, Account, Account] = [
  await computer.addAccount(),
  await computer.addAccount(),
  await computer.addAccount(),
]
const [plainAccount, caller, clicker] = accounts
addSudoRule(undo, `${computer.paths.name}-plain`, [`#${plainAccount.uid} ALL=(ALL:ALL) NOPASSWD: ALL`])
const network = await openNetwork(undo, computer)
const office = await startOffice(undo, network)
await startAgent(undo, computer, await office.enrollmentToken())
await startCourier(undo, computer, network)
const plain = openShell(undo, plainAccount)

const callerDoor = await openDoorOf(undo, computer, caller)
await waitOnline(callerDoor, true)
await network.cut()
const byCodeTimes = await measure(
  { plain, person: openShell(undo, caller), door: callerDoor, office },
  byCode,
)
print('By response code, without a network', byCodeTimes)

await network.mend()
const clickerDoor = await openDoorOf(undo, computer, clicker)
await waitOnline(clickerDoor, true)
const onlineTimes = await measure(
  { plain, person: openShell(undo, clicker), door: clickerDoor, office },
  online,
)
print('Approved in the console, over the network', onlineTimes)
