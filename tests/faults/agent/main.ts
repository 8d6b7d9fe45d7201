/**
 * The agent's process with a disk that fails when it is told to: the composition of the product, its doors, locks and
 * `FileDisk`; only clock, operating system and recorder are at the test's end of the line.
 */
import { randomBytes } from 'node:crypto'
import type { Instant } from '../../../apps/agent/src/clock/clock.ts'
import { FileDisk } from '../../../apps/agent/src/config/disk.ts'
import { readOptions } from '../../../apps/agent/src/config/options.ts'
import { FakeDenier } from '../../../apps/agent/src/deny/fake/fake-denier.ts'
import { FakeRecorder } from '../../../apps/agent/src/record/fake/fake-recorder.ts'
import { runAgent } from '../../../apps/agent/src/service.ts'
import { ComputerClock } from './computer-clock.ts'
import type { FaultPlan } from './fault-plan.ts'
import { FaultyFiles } from './faulty-files.ts'
import { type Line, remoteOs } from './remote-os.ts'

/** What a test asks of this process. Each is answered with `Answer`. */
export type Order =
  | { readonly order: 'plan'; readonly plan: FaultPlan | null }
  | { readonly order: 'steps' }
  | { readonly order: 'pass'; readonly ms: number }
  | { readonly order: 'set-clock'; readonly now: Instant }
  | { readonly order: 'program'; readonly uid: number; readonly argv: readonly string[] }

export interface Answer {
  readonly answer: number
  readonly value: unknown
}

export interface Beginning {
  readonly now: Instant
  readonly stateDir: string
  /** What goes wrong from the first step of this process on. */
  readonly plan: FaultPlan | null
}

const [beginning = '', ...args] = process.argv.slice(2)
const { now, stateDir, plan } = JSON.parse(beginning) as Beginning
const files = FaultyFiles.install(stateDir)
files.plan(plan)
const clock = new ComputerClock(now)
const line: Line = {
  send: (message) => void process.send?.(message),
  onMessage: (take) => void process.on('message', take),
}
const { os, underWay } = remoteOs(line, () => clock.now())
const recorder = new FakeRecorder()

/** Turns of the event loop with nothing under way after which nothing more happens by itself. */
const quietTurns = 4

async function quiet(): Promise<void> {
  for (let turns = 0; turns < quietTurns; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (files.underWay + underWay() > 0) turns = 0
  }
}

async function obey(order: Order): Promise<unknown> {
  switch (order.order) {
    case 'plan':
      return files.plan(order.plan)
    case 'steps':
      return files.steps
    case 'pass':
      await clock.pass(order.ms, quiet)
      return clock.now()
    case 'set-clock':
      return clock.set(order.now)
    case 'program':
      recorder.starts(order.uid, order.argv, { startedAtMs: clock.now().wallMs })
      return undefined
  }
}

process.on('message', (message: Order & { readonly id: number }) => {
  if ('order' in message)
    void obey(message).then((value) => line.send({ answer: message.id, value } satisfies Answer))
})
process.on('disconnect', () => process.exit(5))

const log = {
  info: () => undefined,
  error: (message: string, cause: unknown) => void process.stderr.write(`${message}: ${cause}\n`),
}
const random = (length: number) => Uint8Array.from(randomBytes(length))

try {
  const options = readOptions(args)
  if (options === 'help') throw new TypeError('there is no help here')
  await runAgent(options, () => ({
    os,
    recorder,
    denier: new FakeDenier(),
    clock,
    disk: new FileDisk(),
    random,
    log,
  }))
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error}\n`)
  process.exit(4)
}
