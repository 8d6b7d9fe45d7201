import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Attempt } from '../ending.ts'
import { failed } from '../ending.ts'
import type { Surroundings } from '../verb.ts'
import { courierUid } from './courier-account.ts'
import { type FirstToken, firstToken } from './first-token.ts'
import type { Programs } from './programs.ts'
import type { Station } from './station.ts'

/** Where the agent of this computer stands at the end of a start. */
export type ThisComputer =
  | { readonly kind: 'enrolled' }
  | { readonly kind: 'not-enrolled' }
  | { readonly kind: 'left-out'; readonly why: string }

const enrolWithinMs = 30_000

/** Why no agent is started here; null when one is. */
export function whyNoAgent(
  { platform, uid }: Pick<Config, 'platform' | 'uid'>,
  wanted: boolean,
): string | null {
  if (!wanted) return 'You asked for none with --no-agent.'
  if (platform !== 'linux') return 'The agent runs on Linux only, so far.'
  return uid === 0 ? null : 'The agent needs root: `sudo npm start` includes this computer.'
}

export interface AgentPlaces {
  readonly data: string
  readonly run: string
  readonly url: string
}

/** Starts the agent and the courier, and enrols this computer if this is the first start. */
export async function startAgent(
  { data, run, url }: AgentPlaces,
  station: Station,
  programs: Programs,
  { clock }: Surroundings,
): Promise<Attempt<ThisComputer>> {
  if (await isAnswered(join(run, 'courier', 'agent.sock')))
    return failed('refused', {
      code: 'agent-running',
      message: `Another agent runs on this computer already, with its sockets in ${run}.`,
      hint: 'Stop that one, or start without an agent: --no-agent.',
    })
  const uid = courierUid(data)
  const first = firstToken({ data, url, clock })
  const made = first === null ? null : await first.enrolmentToken()
  if (made?.ok === false) return made
  // In a file for root only: a command line can be read by every user of this computer.
  let enrol = made === null ? null : join(data, 'enrolment-token')
  if (made !== null && enrol !== null) writeFileSync(enrol, made.value, { mode: 0o600 })
  const agent = await station.start(programs.agent(join(data, 'agent'), run, uid, () => enrol))
  if (!agent.ok) return agent
  const courier = await station.start(programs.courier(run, uid))
  if (!courier.ok) return courier
  const enrolled = await isEnrolled(first)
  if (enrolled && enrol !== null) {
    rmSync(enrol, { force: true })
    enrol = null
  }
  return { ok: true, value: { kind: enrolled ? 'enrolled' : 'not-enrolled' } }
}

async function isEnrolled(first: FirstToken | null): Promise<boolean> {
  return first === null || first.retire(enrolWithinMs)
}

function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
