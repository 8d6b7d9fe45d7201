/** How long a person waits from the approval to the first `sudo`, with everything as it is shipped. Linux, as root. */
import type { UserEvent } from '@stint/wire/local-user'
import type { Account } from '../../apps/agent/src/os/os.ts'
import type { Door } from '../../apps/cli/src/door.ts'
import { OrganisationServer, startProgram, stopProgram } from '../../tests/compliance/organisation-server.ts'
import { type Computer, until, whyNotRecording } from '../../tests/compliance/os-fixture.ts'
import {
  addSudoRule,
  courierUid,
  endSession,
  loadText,
  must,
  openComputer,
  openDoorOf,
  openShell,
  startAgent,
  stopWhenAsked,
} from './bench-computer.ts'
import { EnrolledByHand } from './enrolled-by-hand.ts'
import type { PersonShell } from './person-shell.ts'
import { pairedRatio, round, spread } from './spread.ts'

const sudo = 'sudo -n true'

interface Times {
  readonly plain: number[]
  readonly told: number[]
  readonly first: number[]
  readonly later: number[]
}

const rows: readonly (readonly [keyof Times, string])[] = [
  ['plain', `${sudo}, plain rule`],
  ['later', `${sudo}, in a session`],
  ['told', 'until the agent says so'],
  ['first', `until ${sudo} succeeded`],
]

/** Somebody who asks. `ready` does everything before the last step; what it gives is the last step. */
interface Asker {
  readonly shell: PersonShell
  readonly door: Door
  ready(): Promise<() => Promise<unknown>>
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

/** Adds `rounds` to `times`, after `warmUps` that do not count. */
async function measure(
  plain: PersonShell,
  { shell, door, ready }: Asker,
  times: Times,
  { warmUps, rounds }: { readonly warmUps: number; readonly rounds: number },
): Promise<void> {
  for (let at = -warmUps; at < rounds; at++) {
    stopWhenAsked()
    const lastStep = await ready()
    const plainMs = await medianSudoMs(plain)
    if (await shell.succeeds(sudo)) throw new Error('these rights are not from the approval')
    const toldMs = await msOf(lastStep)
    const sudoMs = await msOf(async () => {
      while (!(await shell.succeeds(sudo))) stopWhenAsked()
    })
    const laterMs = await medianSudoMs(shell)
    await endSession(door)
    if (at < 0) continue
    times.plain.push(plainMs)
    times.told.push(toldMs)
    times.first.push(toldMs + sudoMs)
    times.later.push(laterMs)
  }
}

function print(title: string, times: Times): void {
  console.log(`\n${title}: ${times.plain.length} rounds, ${loadText()}`)
  console.table(
    rows.map(([row, what]) => {
      const { median, min, max } = spread(times[row])
      const ms = { 'median ms': round(median), 'min ms': round(min), 'max ms': round(max) }
      return { what, ...ms, '× plain': round(pairedRatio(times[row], times.plain)) }
    }),
  )
}

const noTimes = (): Times => ({ plain: [], told: [], first: [], later: [] })

/** The person has written the code down; the last step is its last symbol. An agent takes 20 requests a day. */
async function byCode(computer: Computer, person: Account, plain: PersonShell): Promise<Times> {
  await using undo = new AsyncDisposableStack()
  const byHand = await EnrolledByHand.start(undo, computer, person)
  const { door } = byHand
  const ready = async () => {
    const text = await byHand.code()
    return async () => must(await door.call('answer', { text }))
  }
  const times = noTimes()
  await measure(plain, { shell: openShell(undo, person), door, ready }, times, { warmUps: 2, rounds: 15 })
  return times
}

/** The approver has the request on screen; the last step is to press "Approve". */
async function approval(door: Door, office: OrganisationServer): Promise<() => Promise<unknown>> {
  const asked = must(await door.call('request', { reason: 'Measure a session', mode: 'session' }))
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

/** One computer of the organisation: enrolled, online, and forgotten afterwards. */
async function oneComputerOnline(
  computer: Computer,
  person: Account,
  office: OrganisationServer,
  measureIt: (asker: Asker) => Promise<void>,
): Promise<void> {
  await using undo = new AsyncDisposableStack()
  await startAgent(undo, computer, await office.enrollmentToken())
  const account = ['--uid', String(courierUid), '--gid', String(courierUid)]
  const flags = ['--run', `/run/${computer.paths.name}`, ...account, '--plain-http']
  const courier = await startProgram('courier', flags)
  undo.defer(() => stopProgram(courier.child))
  const door = await openDoorOf(undo, computer, person)
  const isOnline = async () => {
    const { device } = must(await door.call('status', {}))
    return device.enrolled && device.online
  }
  await until('the computer is enrolled and online', isOnline, 30_000)
  await measureIt({ shell: openShell(undo, person), door, ready: () => approval(door, office) })
}

/** An issuer answers 10 approvals for one computer in a day, so there are two. */
async function online(computer: Computer, person: Account, plain: PersonShell): Promise<Times> {
  await using undo = new AsyncDisposableStack()
  const office = await OrganisationServer.start('127.0.0.1:18003')
  undo.defer(() => office.close())
  const times = noTimes()
  for (let enrolment = 0; enrolment < 2; enrolment++) {
    await oneComputerOnline(computer, person, office, (asker) =>
      measure(plain, asker, times, { warmUps: 1, rounds: 8 }),
    )
  }
  return times
}

await using undo = new AsyncDisposableStack()
const computer = await openComputer(undo, 'bash')
const plainAccount = await computer.addAccount()
const person = await computer.addAccount()
addSudoRule(undo, `${computer.paths.name}-plain`, [`#${plainAccount.uid} ALL=(ALL:ALL) NOPASSWD: ALL`])
const plain = openShell(undo, plainAccount)
const unrecorded = await whyNotRecording()
console.log(unrecorded ? `sessions are not recorded (${unrecorded})` : 'sessions are recorded')
print('By response code', await byCode(computer, person, plain))
print('Approved in the console', await online(computer, person, plain))
