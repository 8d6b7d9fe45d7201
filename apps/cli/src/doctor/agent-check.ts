import type { UserStatus } from '@stint/wire/local-user'
import type { Attempt } from '../ending.ts'
import { broken, type Finding, good, unseen, weak } from './finding.ts'
import type { System } from './system.ts'

export interface AgentReading {
  /** What the agent answered this user; null for root, for whom it keeps no door. */
  readonly status: Attempt<UserStatus> | null
  /** What root reads from the agent's own folder; null for others, and before it ran. */
  readonly kept: KeptState | null
  /** There are the sockets of a running agent. */
  readonly sockets: boolean
  readonly nowMs: number
}

export interface KeptState {
  readonly identity: string
  readonly policySerial: number | null
  /** When the policy was signed. */
  readonly policyMs: number | null
  /** Entries that have no receipt of the server. */
  readonly waiting: number
  readonly highestMs: number | null
}

/** The few members of the agent's state that say how it stands. Null for anything that is not such a file. */
export function readKept(system: System, folder: string): KeptState | null {
  const text = system.text(`${folder}/state.json`)
  if (text === null) return null
  try {
    const state = JSON.parse(text)
    const policy = typeof state.policy === 'string' ? payloadOf(state.policy) : null
    return {
      identity: String(state.identity?.state),
      policySerial: policy?.serial ?? null,
      policyMs: policy === null ? null : policy.iat * 1000,
      waiting: Number(state.journalSize) - Number(state.received),
      highestMs: typeof state.clock?.highWallMs === 'number' ? state.clock.highWallMs : null,
    }
  } catch {
    return null
  }
}

function payloadOf(jws: string): { serial: number; iat: number } {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

export function judgeAgent(reading: AgentReading): readonly Finding[] {
  const { status, kept, nowMs } = reading
  if (status !== null && !status.ok) {
    const { message, hint } = status.failure
    return [broken('agent', message, 'Rights can neither be asked for nor ended early here.', hint)]
  }
  const device = status?.value.device ?? null
  return [
    judgeRunning(reading),
    judgeEnrolled(device?.enrolled ?? (kept === null ? null : kept.identity === 'enrolled')),
    judgeServer(device, nowMs),
    ...(kept === null ? [] : judgeKept(kept, nowMs)),
  ]
}

function judgeRunning({ status, sockets }: AgentReading): Finding {
  if (status?.ok) return good('agent', `The agent runs on ${status.value.device.name}.`)
  return sockets
    ? good('agent', 'The agent has its doors open.')
    : broken(
        'agent',
        'The agent does not run.',
        'Rights can neither be asked for nor ended early here.',
        'Start it, as a service or with `sudo stint agent`.',
      )
}

function judgeEnrolled(enrolled: boolean | null): Finding {
  if (enrolled === null)
    return unseen(
      'enrolment',
      'Whether this computer is connected to a server was not looked at.',
      'Run this as yourself, or name the folder with --state DIR.',
    )
  return enrolled
    ? good('enrolment', 'This computer is connected to a server.')
    : broken(
        'enrolment',
        'This computer is not connected to a server.',
        'Nobody can agree to a request from here.',
        'Ask your administrator to enrol this computer.',
      )
}

const longMs = 7 * 24 * 3_600_000

function judgeServer(device: UserStatus['device'] | null, nowMs: number): Finding {
  if (device === null)
    return unseen(
      'contact',
      'Whether the server can be reached was not looked at.',
      'Run this as yourself, without sudo.',
    )
  if (device.online) return good('contact', 'The server can be reached.')
  const last = device.lastContactAt === null ? null : Date.parse(device.lastContactAt)
  const since =
    last === null ? 'since the agent started' : `for ${Math.round((nowMs - last) / 60_000)} minutes`
  return weak(
    'contact',
    `The server was not reached ${since}.`,
    'Requests must be carried by telephone, where the policy has codes, and the record waits here.',
    'Look at the network, and whether the courier runs.',
  )
}

function judgeKept({ policySerial, policyMs, waiting }: KeptState, nowMs: number): readonly Finding[] {
  if (policySerial === null || policyMs === null) return []
  const days = Math.max(0, Math.floor((nowMs - policyMs) / 86_400_000))
  const found = `Policy ${policySerial}, signed ${days === 0 ? 'today' : `${days} days ago`}; ${waiting} entries of the journal wait for the server.`
  const old = nowMs - policyMs > longMs && waiting > 0
  return [
    old
      ? weak(
          'policy',
          found,
          'Changes of the policy may not have arrived.',
          'Connect this computer to the network.',
        )
      : good('policy', found),
  ]
}
