/** What agent and courier cost a computer all day: memory, CPU, start. As they are shipped. Linux, as root. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as realTime } from 'node:timers/promises'
import type { Account } from '../../apps/agent/src/os/os.ts'
import type { Door } from '../../apps/cli/src/door.ts'
import { type Programs, programs } from '../../apps/cli/src/up/programs.ts'
import { checkout, OrganisationServer, stopProgram } from '../../tests/compliance/organisation-server.ts'
import { type Computer, until, whyNotRecording } from '../../tests/compliance/os-fixture.ts'
import { buildPrograms } from '../build/programs.ts'
import {
  courierUid,
  endSession,
  loadText,
  must,
  openComputer,
  openDoorOf,
  openShell,
  stopWhenAsked,
} from './bench-computer.ts'
import type { PersonShell } from './person-shell.ts'
import { cpuMsOf, type Memory, memoryOf, together } from './process-cost.ts'
import { round, spread } from './spread.ts'

const idleMs = 60_000
const settleMs = 5_000
const trickleMs = 30_000
/** Elevated programs of the trickle, each a sudo and what it starts. */
const trickleEveryMs = 500
const starts = 3

interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly startMs: number
}

/** Starts a program and waits for its first line. */
async function start(undo: AsyncDisposableStack, command: readonly string[]): Promise<Started> {
  const began = process.hrtime.bigint()
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  undo.defer(() => stopProgram(child))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)))
  })
  return { child, pid: child.pid ?? 0, startMs: Number(process.hrtime.bigint() - began) / 1e6 }
}

interface Cost {
  readonly memory: Memory
  /** Share of one core, percent. */
  readonly cpu: number
}

/** Of each process, over `ms` in which `meanwhile` happens again and again. */
async function costOf(
  pids: readonly number[],
  ms: number,
  meanwhile: () => Promise<unknown> = () => realTime(1_000),
): Promise<readonly Cost[]> {
  const began = process.hrtime.bigint()
  const before = pids.map(cpuMsOf)
  const passedMs = () => Number(process.hrtime.bigint() - began) / 1e6
  while (passedMs() < ms) {
    stopWhenAsked()
    await meanwhile()
  }
  return pids.map((pid, at) => {
    const used = cpuMsOf(pid) - (before[at] ?? Number.NaN)
    return { memory: memoryOf(pid), cpu: (used / passedMs()) * 100 }
  })
}

interface Pair {
  readonly agent: Started
  readonly courier: Started
}

class Place {
  readonly #run: string
  readonly #state: string
  readonly #made: Programs

  constructor({ paths: { name } }: Computer, home: string) {
    this.#run = `/run/${name}`
    this.#state = `/var/lib/${name}`
    this.#made = programs({ node: process.execPath, home })
  }

  forget(): void {
    for (const dir of [this.#run, this.#state]) rmSync(dir, { recursive: true, force: true })
  }

  /** Both, as `stint up` starts them. */
  async startBoth(undo: AsyncDisposableStack, token: string | null): Promise<Pair> {
    const enrol = token === null ? [] : ['--enroll', token]
    const agent = await start(undo, [
      ...this.#made.agent(this.#state, this.#run, courierUid, () => null).command(),
      ...enrol,
    ])
    const courier = await start(undo, [
      ...this.#made.courier(this.#run, courierUid).command(),
      '--plain-http',
    ])
    return { agent, courier }
  }
}

async function startTimes(command: () => Promise<Pair>): Promise<{ agent: number; courier: number }> {
  const agent: number[] = []
  const courier: number[] = []
  for (let at = 0; at < starts; at++) {
    stopWhenAsked()
    const pair = await command()
    agent.push(pair.agent.startMs)
    courier.push(pair.courier.startMs)
    await stopProgram(pair.courier.child)
    await stopProgram(pair.agent.child)
  }
  return { agent: spread(agent).median, courier: spread(courier).median }
}

function row(what: string, { memory, cpu }: Cost, startMs: number | null) {
  return {
    what,
    'RSS MB': round(memory.rss),
    'PSS MB': round(memory.pss),
    'own MB': round(memory.own),
    'CPU %': round(cpu),
    'start ms': startMs === null ? '' : round(startMs),
  }
}

async function raise(door: Door, office: OrganisationServer): Promise<void> {
  const asked = must(await door.call('request', { reason: 'Measure a session', mode: 'session' }))
  const terms = { minutes: 15, endProcesses: true, note: '' }
  await office.call('POST', `/requests/${asked.requestId}/approve`, terms)
  await until('the rights are up', async () => must(await door.call('status', {})).session !== null)
}

async function trickle(shell: PersonShell): Promise<void> {
  await shell.time('sudo -n true')
  await realTime(trickleEveryMs)
}

async function measure(
  computer: Computer,
  person: Account,
  office: OrganisationServer,
  place: Place,
): Promise<void> {
  await using undo = new AsyncDisposableStack()
  undo.defer(() => place.forget())
  const bare = await start(undo, [process.execPath, '-e', "console.log('ready'); setInterval(() => {}, 1e9)"])
  const { agent, courier } = await place.startBoth(undo, await office.enrollmentToken())
  const door = await openDoorOf(undo, computer, person)
  const isOnline = async () => must(await door.call('status', {})).device.online
  await until('the computer is enrolled and online', isOnline, 30_000)
  await realTime(settleMs)
  const pids = [bare.pid, agent.pid, courier.pid]
  const idle = await costOf(pids, idleMs)
  const idleLoad = loadText()
  await raise(door, office)
  const shell = openShell(undo, person)
  const busy = await costOf(pids, trickleMs, () => trickle(shell))
  await endSession(door)
  await realTime(settleMs)
  const after = await costOf(pids, settleMs)
  await stopProgram(courier.child)
  await stopProgram(agent.child)
  const again = await startTimes(() => place.startBoth(undo, null))
  const startMs = [bare.startMs, again.agent, again.courier]
  const names = ['node, doing nothing', 'agent', 'courier']
  print(`Idle for ${idleMs / 1000} s, ${idleLoad}`, names, idle, startMs)
  print(`Recording, an elevated program every ${trickleEveryMs} ms, ${loadText()}`, names, busy)
  print('After the session', names, after)
}

function print(
  title: string,
  names: readonly string[],
  costs: readonly Cost[],
  startMs: readonly number[] = [],
): void {
  console.log(`\n${title}`)
  console.table(costs.map((cost, at) => row(names[at] ?? '', cost, startMs[at] ?? null)))
  const [, ...ours] = costs
  const mb = round(together(ours.map(({ memory }) => memory)))
  const cpu = round(ours.reduce((sum, cost) => sum + cost.cpu, 0))
  console.log(`agent and courier together: ${mb} MB, ${cpu} % of one core`)
}

await using undo = new AsyncDisposableStack()
await buildPrograms()
const computer = await openComputer(undo, 'bash')
const person = await computer.addAccount()
const office = await OrganisationServer.start('127.0.0.1:18003')
undo.defer(() => office.close())
const unrecorded = await whyNotRecording()
if (unrecorded) console.log(`sessions are not recorded (${unrecorded})`)
await measure(computer, person, office, new Place(computer, checkout))
