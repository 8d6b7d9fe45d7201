import { type Attempt, type Failed, failed } from '../ending.ts'
import type { Surroundings } from '../verb.ts'
import { type Child, type ChildPlan, type Ready, startChild } from './child.ts'
import type { DataFolder } from './data-folder.ts'

/** The processes of one `stint`, started one after the other and stopped in the other order. */
export interface Station {
  /** Starts a process and waits until it is ready. Its own last words explain a failure. */
  start(plan: ChildPlan): Promise<Attempt<Readonly<Record<string, unknown>>>>
  stop(): Promise<void>
}

export function createStation(folder: DataFolder | null, { config, clock, terminal }: Surroundings): Station {
  const running: Child[] = []
  const pids = new Map<string, number>()
  const parts = {
    clock,
    environment: config.childEnvironment,
    say: (name: string, line: string) =>
      terminal.say(`${terminal.style('dim', `${name.padEnd(8)}│`)} ${line}`),
    onPid: (name: string, pid: number | null) => {
      if (pid === null) pids.delete(name)
      else pids.set(name, pid)
      folder?.remember(pids)
    },
  }
  return {
    start: async (plan) => {
      const child = startChild(plan, parts)
      running.unshift(child)
      const ready = await child.ready
      return ready.ok ? { ok: true, value: ready.said } : notStarted(plan.name, ready)
    },
    stop: async () => {
      for (const child of running) await child.stop()
    },
  }
}

/** What the process itself said is the best explanation there is. */
function notStarted(name: string, { lastWords }: Extract<Ready, { ok: false }>): Failed {
  const find = (start: RegExp) => lastWords.find((line) => start.test(line))?.replace(start, '')
  const message = find(/^error: /) ?? lastWords.at(-1) ?? 'it said nothing'
  return failed('fault', {
    code: `${name}-not-started`,
    message: `The ${name} did not start: ${message}${/[.!?]$/.test(message) ? '' : '.'}`,
    hint: find(/^hint: /) ?? 'The lines above may say more. See `stint doctor`.',
  })
}
