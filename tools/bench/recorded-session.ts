import { setTimeout as realTime } from 'node:timers/promises'
import type { Account } from '../../apps/agent/src/os/os.ts'
import type { Computer } from '../../tests/compliance/os-fixture.ts'
import { endSession, must, openShell } from './bench-computer.ts'
import type { CourierLine } from './courier-line.ts'
import { EnrolledByHand, type Entry } from './enrolled-by-hand.ts'
import { cpuMsOf, type Recorder } from './recorders.ts'
import { numbered } from './storm.ts'

const quietMs = 600
const longestMs = 15_000

/** Resolves when the agent has written down what it saw: its journal, which grows in batches, has stopped growing. */
async function quiet(courier: CourierLine): Promise<void> {
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += quietMs) {
    const before = courier.journalSize
    await realTime(quietMs)
    if (courier.journalSize === before) return
  }
}

function seenIn(entries: readonly Entry[]): { starts: number; ends: number } {
  const numbers = new Map<string, readonly string[]>()
  const ended = new Set<string>()
  const name = (body: Entry['body']) => `${body.pid} ${body.startedAt}`
  for (const { type, body } of entries) {
    if (type === 'process.elevated')
      numbers.set(
        name(body),
        Array.from(body.args.join(' ').matchAll(numbered), ([, number]) => number ?? ''),
      )
    if (type === 'process.ended') for (const number of numbers.get(name(body)) ?? []) ended.add(number)
  }
  return { starts: new Set([...numbers.values()].flat()).size, ends: ended.size }
}

/** @throws Error when the session says itself that it was not, or not all, recorded: then nothing was measured */
function requireRecorded(entries: readonly Entry[]): void {
  const recording = String(entries.find(({ type }) => type === 'session.start')?.body.recording)
  const gap = entries.find(({ type }) => type === 'recording.gap')
  if (!recording.startsWith('kernel-audit (alone')) throw new Error(`not recorded alone: ${recording}`)
  if (gap) throw new Error(`a gap in the recording: ${gap.body.cause}`)
}

/** A session as it is shipped, from a typed code to the journal that a courier takes away. */
export async function recordedSession(
  undo: AsyncDisposableStack,
  computer: Computer,
  account: Account,
): Promise<Recorder> {
  const byHand = await EnrolledByHand.start(undo, computer, account)
  const { agentPid, door } = byHand
  let cpuMs = 0
  return {
    name: 'Stint session',
    person: openShell(undo, account),
    begin: async () => {
      must(await door.call('answer', { text: await byHand.code() }))
      cpuMs = cpuMsOf(agentPid)
    },
    end: async () => {
      await quiet(byHand.courier)
      const used = cpuMsOf(agentPid) - cpuMs
      await endSession(door)
      const entries = await byHand.newEntries()
      requireRecorded(entries)
      return { ...seenIn(entries), cpuMs: used }
    },
  }
}
