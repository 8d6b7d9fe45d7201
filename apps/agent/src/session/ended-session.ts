import type { EndReason } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import { printable } from '../config/printable.ts'
import type { EndedRecord, SessionRecord } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { RunningProcess } from '../os/os.ts'
import { replaced, startFact } from './active-session.ts'

/** How a session went down, as it goes into the journal. */
export interface Ending {
  readonly reason: EndReason
  readonly endedWallMs: number
  /** A re-read showed that the rights are gone. */
  readonly proven: boolean
  readonly processesEnded: number
  readonly stillRunning: readonly RunningProcess[]
}

type EndGround = Pick<Ground, 'clock' | 'keeper'>

const mostEnded = 500
const mostEndedOfUser = 100

/** A session whose end is in the journal. */
export class EndedSession {
  readonly #ended = true
  readonly record: EndedRecord

  private constructor(record: EndedRecord) {
    this.record = record
  }

  static is(value: unknown): value is EndedSession {
    return typeof value === 'object' && value !== null && #ended in value && value.#ended
  }

  /**
   * Writes the end. The session's record goes only when the rights are proven gone; otherwise it stays as
   * `abandoned`, and as long as it stays nobody raises this person again.
   * @throws Fault of the disk: the record is still there, call again
   */
  static async write(session: SessionRecord, ending: Ending, ground: EndGround): Promise<EndedSession> {
    const { keeper, clock } = ground
    const { processes, gaps } = await countFacts(session, keeper)
    const record = endedRecord(session, ending, processes)
    const abandoned: SessionRecord = { ...session, phase: 'abandoned', endReason: ending.reason }
    const facts: Fact[] = [endFact(session, ending, { processes, gaps, bootMs: clock.now().bootMs })]
    if (!session.started) facts.unshift(startFact(session, { ...neverWatched, wasAdministrator: false }))
    await keeper.locked(async (write) => {
      const { sessions, ended, heal } = keeper.state
      // The state has it from a try that the journal then refused: it owes the fact, and must not owe it twice.
      if (ended.some(({ sessionId }) => sessionId === session.sessionId)) return write({})
      const left = sessions.filter(({ sessionId }) => sessionId !== session.sessionId)
      const change = {
        sessions: ending.proven ? left : replaced(sessions, abandoned),
        ended: newest([record, ...ended]),
        // Keys that were renewed while somebody had rights here may have been read by him.
        heal: { ...heal, used: true },
      }
      await write(change, facts)
    })
    return new EndedSession(record)
  }
}

const neverWatched = {
  recording: 'Nothing is recorded: the rights were never given.',
  denying: 'Nothing is denied: the rights were never given.',
}

/** From the journal, so that a restart in the middle of the session counts nothing twice and forgets nothing. */
export async function countFacts(
  session: SessionRecord,
  keeper: Ground['keeper'],
): Promise<{ processes: number; gaps: number }> {
  const { journal } = keeper
  const count = { processes: 0, gaps: 0 }
  for (let from = session.journalFrom; from < journal.size; ) {
    const entries = await journal.read(from, 500)
    for (const { header, body } of entries) {
      const fact = { type: (JSON.parse(header) as { type: string }).type, body } as Fact
      if (fact.type === 'process.elevated' && fact.body.sessionId === session.sessionId) count.processes += 1
      if (fact.type === 'recording.gap' && fact.body.sessionId === session.sessionId) count.gaps += 1
    }
    from += entries.length
  }
  return count
}

function endedRecord(session: SessionRecord, ending: Ending, processes: number): EndedRecord {
  const { phase: _phase, started: _started, journalFrom: _from, administrator: _was, ...kept } = session
  return { ...kept, endReason: ending.reason, endedWallMs: ending.endedWallMs, processes }
}

function newest(ended: readonly EndedRecord[]): readonly EndedRecord[] {
  const seen = new Map<string, number>()
  return ended.slice(0, mostEnded).filter(({ userId }) => {
    const before = seen.get(userId) ?? 0
    seen.set(userId, before + 1)
    return before < mostEndedOfUser
  })
}

function endFact(
  session: SessionRecord,
  ending: Ending,
  counted: { readonly processes: number; readonly gaps: number; readonly bootMs: number },
): Fact {
  const bootWallMs = ending.endedWallMs - counted.bootMs
  const stillRunning = ending.stillRunning.slice(0, 1000).map(({ pid, startedBootMs, exe, name }) => {
    return { pid, startedAt: rfc3339(bootWallMs + startedBootMs), program: printable(exe ?? name) }
  })
  const { reason, endedWallMs, proven, processesEnded } = ending
  const { processes, gaps } = counted
  const end = { sessionId: session.sessionId, reason, endedAt: rfc3339(endedWallMs), proven }
  return { type: 'session.end', body: { ...end, processesEnded, stillRunning, processes, gaps } }
}
