import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultPolicy, type Outcome, type Refusal, refuse } from '@stint/elevation'
import { FrameReader, frame, parseJson, userFrameMax } from '@stint/wire'
import {
  type NoticeKind,
  type OpenRequestView,
  type SessionView,
  UserCall,
  type UserStatus,
} from '@stint/wire/local-user'

export const ids = {
  request: '0190a000-0000-7000-8000-000000000001',
  session: '0190a000-0000-7000-8000-000000000002',
}
export const requestCode = '2NK6Y-8JNWX-18W2A'
export const at = '2026-11-22T10:00:00.000Z'

export function openRequest(change: Partial<OpenRequestView> = {}): OpenRequestView {
  return {
    requestId: ids.request,
    requestCode,
    state: 'pending',
    mode: 'session',
    reason: 'Install the printer driver',
    minutes: 15,
    ticket: null,
    sent: true,
    createdAt: at,
    triesLeft: 5,
    ...change,
  }
}

export function session(change: Partial<SessionView> = {}): SessionView {
  return {
    sessionId: ids.session,
    mode: 'session',
    credential: 'response-code',
    reason: 'Install the printer driver',
    startedAt: at,
    endsAt: '2026-11-22T10:15:00.000Z',
    endProcesses: true,
    endedAt: null,
    endReason: null,
    processes: 3,
    ...change,
  }
}

export function userStatus(change: Partial<UserStatus> = {}): UserStatus {
  const { offlineCodes, minutesDefault, minutesCeiling, reasonMinLength, reasonMaxLength, ticketRequired } =
    defaultPolicy
  return {
    device: { name: 'ada-laptop', enrolled: true, online: true, lastContactAt: at },
    user: { name: 'ada' },
    now: at,
    request: null,
    session: null,
    lastDecision: null,
    policy: {
      offlineCodes,
      minutesDefault,
      minutesCeiling,
      reasonMinLength,
      reasonMaxLength,
      ticketRequired,
    },
    contacts: {
      email: 'help@example.org',
      link: 'https://tickets.example.org/new',
      telephone: '+44 20 7946 0100',
    },
    pause: null,
    ...change,
  }
}

/** An agent's door for one user with a state that the test writes, and a refusal or silence where it wants one. */
export interface FakeDoor {
  readonly runDir: string
  /** Every call that came in, in order. */
  readonly calls: UserCall[]
  status: UserStatus
  /** Answers this call with a refusal until it is deleted. */
  readonly refusals: Map<UserCall['call'], Refusal>
  /** Answers this call with a fault until it is deleted. */
  readonly faults: Map<UserCall['call'], Refusal>
  /** Changes the status and tells everybody who watches. */
  change(change: Partial<UserStatus>, notice?: NoticeKind): void
  /** Writes these bytes to everybody, whatever they are. */
  babble(text: string): void
  history: SessionView[]
  /** Resolves when `n` connections watch. */
  watched(n: number): Promise<void>
  close(): Promise<void>
}

export async function openFakeDoor(uid = process.getuid?.() ?? 0): Promise<FakeDoor> {
  const runDir = mkdtempSync(join(tmpdir(), 'stint-run-'))
  const folder = join(runDir, 'u', String(uid))
  mkdirSync(folder, { recursive: true })
  chmodSync(runDir, 0o755)
  const connections = new Set<Socket>()
  const watching = new Set<Socket>()
  let onWatch = () => {}

  const door: FakeDoor = {
    runDir,
    calls: [],
    status: userStatus(),
    refusals: new Map(),
    faults: new Map(),
    history: [],
    change: (change, notice) => {
      door.status = { ...door.status, ...change }
      const event = notice === undefined ? { event: 'status' } : { event: 'notice', notice }
      for (const socket of watching) socket.write(frame({ ...event, status: door.status }))
    },
    babble: (text) => {
      for (const socket of connections) socket.write(text)
    },
    watched: (n) =>
      new Promise((resolve) => {
        onWatch = () => watching.size >= n && resolve()
        onWatch()
      }),
    close: async () => {
      for (const socket of connections) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      rmSync(runDir, { recursive: true, force: true })
    },
  }

  const server = createServer((socket) => {
    const reader = new FrameReader(userFrameMax)
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      connections.delete(socket)
      watching.delete(socket)
    })
    socket.on('data', (chunk) => {
      for (const text of reader.push(chunk)) {
        const call = parseJson(UserCall, text)
        door.calls.push(call)
        socket.write(frame(replyTo(door, call)))
        if (call.call === 'watch') watching.add(socket)
        onWatch()
      }
    })
  })
  const path = join(folder, 'agent.sock')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  chmodSync(path, 0o600)
  return door
}

function replyTo(door: FakeDoor, call: UserCall): unknown {
  const { id } = call
  const refusal = door.refusals.get(call.call)
  if (refusal !== undefined) return { id, ok: false, refused: refusal }
  const fault = door.faults.get(call.call)
  if (fault !== undefined) return { id, ok: false, fault }
  const outcome = resultOf(door, call)
  return outcome.ok ? { id, ok: true, result: outcome.value } : { id, ok: false, refused: outcome.refused }
}

function resultOf(door: FakeDoor, call: UserCall): Outcome<unknown> {
  const { request, session: active } = door.status
  if (call.call === 'status' || call.call === 'watch') return { ok: true, value: door.status }
  if (call.call === 'history') return { ok: true, value: { sessions: door.history.slice(0, call.limit) } }
  if (call.call === 'request') return { ok: true, value: ask(door, call) }
  if (call.call === 'answer') {
    if (request === null) return { ok: false, refused: refuse('no-request') }
    door.change({ request: null, session: session() })
    return { ok: true, value: door.status.session }
  }
  if (call.call === 'withdraw') {
    if (request === null) return { ok: false, refused: refuse('no-request') }
    door.change({ request: null })
    return { ok: true, value: { requestId: request.requestId } }
  }
  if (active === null) return { ok: false, refused: refuse('no-session') }
  const ended = { ...active, endedAt: at, endReason: 'ended-by-user' as const }
  door.history.unshift(ended)
  door.change({ session: null })
  return { ok: true, value: ended }
}

function ask(door: FakeDoor, call: Extract<UserCall, { call: 'request' }>): unknown {
  const request = openRequest({
    reason: call.reason,
    minutes: call.minutes ?? door.status.policy.minutesDefault,
    ticket: call.ticket ?? null,
    sent: door.status.device.online && call.offline !== true,
  })
  door.change({ request, lastDecision: null })
  return { ...request, contacts: door.status.contacts }
}
