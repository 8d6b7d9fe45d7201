import type { EndReason } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import { minuteMs } from '../src/clock.ts'
import { enrolledDevice, facts, type TestDevice } from './test-device.ts'
import { TestJournal } from './test-journal.ts'
import type { Caller, TestServer } from './test-server.ts'

/** A session as a computer's journal tells it, from request to end, and what ran in it. */
export interface ToldSession {
  readonly by: TestDevice
  /** Ms after the clock of the server. */
  readonly startsInMs?: number
  readonly userId?: string
  readonly userName?: string
  readonly reason?: string
  readonly minutes?: number
  readonly programs?: readonly string[]
  readonly denied?: readonly string[]
  /** Null: it goes on. */
  readonly end?: EndReason | null
  /** Approves the request before; without one the session begins without a decision. */
  readonly approver?: Caller
  readonly credential?: 'answer-token' | 'response-code' | 'self-approval'
}

export function computer(server: TestServer, hostname: string): Promise<TestDevice> {
  return enrolledDevice(server, { ...facts, hostname })
}

/** Uploads it; gives the id of the session. */
export async function told(server: TestServer, session: ToldSession): Promise<string> {
  const { by, minutes = 10, end = 'ended-by-user', programs = [], denied = [] } = session
  const startMs = server.clock.now() + (session.startsInMs ?? 0)
  const at = (afterMs: number) => new Date(startMs + afterMs).toISOString()
  const { userId = 'uid:1000:mia', userName = 'mia' } = session
  const credential = session.credential ?? (session.approver === undefined ? 'self-approval' : 'answer-token')
  const reason = session.reason ?? 'install the printer driver'
  const fact = by.request({ userId, userName, reason, createdAt: at(-minuteMs) })
  await by.upload(by.entry('request.created', fact))
  if (session.approver !== undefined) await approve(session.approver, fact.requestId)
  const sessionId = by.newId()
  const start: JournalBody<'session.start'> = {
    ...{ sessionId, requestId: fact.requestId, userId, userName, mode: 'session', credential },
    ...{ startedAt: at(0), endsAt: at(15 * minuteMs), endProcesses: true, recording: 'kernel-audit' },
    ...{ wasAdministrator: false, denying: 'fanotify' },
  }
  const journal = new TestJournal(by)
  const jti = session.approver === undefined ? null : await issuedTo(server, fact.requestId)
  journal.granted(fact, sessionId, { credential, jti }).add('session.start', start)
  programs.forEach((program, n) => {
    journal.add('process.elevated', {
      ...{ sessionId, pid: 100 + n, startedAt: at(n), parentPid: 1, uid: 0, program },
      ...{ sha256: null, args: [program, '--now', `it's ${n}`], argsCut: false, redacted: 0, directory: '/' },
    })
  })
  denied.forEach((program, n) => {
    journal.add('process.denied', {
      ...{ sessionId, pid: 500 + n, uid: 0, program, sha256: null, args: [program], argsCut: false },
      ...{ redacted: 0, at: at(n), rule: 'no-shells', repeated: 2 },
    })
  })
  const last: JournalBody<'session.end'> = {
    ...{ sessionId, reason: end ?? 'expired', endedAt: at(minutes * minuteMs), proven: true },
    ...{ processesEnded: 0, stillRunning: [], processes: programs.length, gaps: 0 },
  }
  if (end !== null) journal.add('session.end', last).seal()
  await journal.send()
  return sessionId
}

/** Identity of the answer token that was given out for it. */
async function issuedTo(server: TestServer, requestId: string): Promise<string> {
  const { body } = await server.db.read
    .selectFrom('ledger')
    .select('body')
    .where('type', '=', 'code.issued')
    .where('subject', '=', `request:${requestId}`)
    .executeTakeFirstOrThrow()
  return JSON.parse(body ?? '').jti
}

async function approve(approver: Caller, requestId: string): Promise<void> {
  const terms = { minutes: 15, endProcesses: true, note: '' }
  const answer = await approver.call('POST', `/requests/${requestId}/approve`, terms)
  if (answer.status !== 200) throw new Error(`not approved: ${JSON.stringify(answer.body)}`)
}
