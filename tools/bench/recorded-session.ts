import { setTimeout as realTime } from 'node:timers/promises'
import type { RequestFact } from '@stint/wire/journal'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import type { Computer } from '../../tests/compliance/os-fixture.ts'
import { until } from '../../tests/compliance/os-fixture.ts'
import { must, openDoorOf, openShell, startAgent } from './bench-computer.ts'
import { CourierLine } from './courier-line.ts'
import { cpuMsOf, type Recorder } from './recorders.ts'

interface Entry {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: each type of entry has its own body
  readonly body: any
}

/** The agent's journal writes after this at the latest; then its CPU time is all that recording took. */
const writtenWithinMs = 500

async function newEntries(courier: CourierLine, from: number): Promise<Entry[]> {
  const found: Entry[] = []
  for (;;) {
    const { entries } = await courier.call('journal', { from: from + found.length, limit: 500 })
    if (entries.length === 0) return found
    for (const { header, body } of entries) found.push({ type: JSON.parse(header).type, body })
  }
}

function seenIn(entries: readonly Entry[]): { starts: number; ends: number; gaps: number } {
  const children = new Map<string, string>()
  const ended = new Set<string>()
  const name = (body: Entry['body']) => `${body.pid} ${body.startedAt}`
  for (const { type, body } of entries) {
    const number = body.args?.[2]
    if (type === 'process.elevated' && body.args[1] === 'child') children.set(name(body), number)
    const child = children.get(name(body))
    if (type === 'process.ended' && child !== undefined) ended.add(child)
  }
  const gaps = entries.filter(({ type }) => type === 'recording.gap').length
  return { starts: new Set(children.values()).size, ends: ended.size, gaps }
}

/** A session as it is shipped, from a typed code to the journal that a courier takes away. */
export async function recordedSession(
  undo: AsyncDisposableStack,
  computer: Computer,
  account: Account,
): Promise<Recorder> {
  const organisation = new Organisation()
  const agent = await startAgent(undo, computer, organisation.token())
  const courier = await CourierLine.open(undo, `/run/${computer.paths.name}`)
  const { hello } = await courier.call('enrol-hello', {})
  await courier.call('enrol-welcome', { welcome: organisation.welcome(hello) })
  await courier.call('enrolled', {})
  const door = await openDoorOf(undo, computer, account)
  const session = async () => must(await door.call('status', {})).session
  let read = 0
  let cpuMs = 0
  const take = async () => {
    const entries = await newEntries(courier, read)
    read += entries.length
    return entries
  }
  return {
    name: 'Stint session',
    person: openShell(undo, account),
    begin: async () => {
      must(await door.call('request', { reason: 'Measure the recording', mode: 'session', offline: true }))
      const fact: RequestFact = (await take()).at(-1)?.body
      must(await door.call('answer', { text: organisation.response(fact).text }))
      cpuMs = cpuMsOf(agent.pid ?? 0)
    },
    end: async (count) => {
      const all = async () => ((await session())?.processes ?? 0) > count
      await until('every program is recorded', all, 5_000).catch(() => undefined)
      await realTime(writtenWithinMs)
      const used = cpuMsOf(agent.pid ?? 0) - cpuMs
      must(await door.call('end', {}))
      await until('the session is over', async () => (await session()) === null)
      const { starts, ends, gaps } = seenIn(await take())
      if (gaps > 0) throw new Error(`the journal tells of ${gaps} gaps`)
      return { starts, ends, cpuMs: used }
    },
  }
}
