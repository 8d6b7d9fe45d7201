/** What writes down elevated programs, ours and others, each behind the same two steps. */
import { readFileSync } from 'node:fs'
import type { PersonShell } from './person-shell.ts'

export interface Seen {
  /** Numbered programs of the workload whose start was written down; null where nothing records. */
  readonly starts: number | null
  /** The same for their ends; null where ends are not recorded. */
  readonly ends: number | null
  /** What the recorder itself used; null where it is part of sudo, and so of the workload. */
  readonly cpuMs: number | null
}

export interface Recorder {
  readonly name: string
  /** Whose `sudo` it records. */
  readonly person: PersonShell
  begin(): Promise<void>
  /** Ends what `begin` began, and says what was seen of a workload of `count` numbered programs in between. */
  end(count: number): Promise<Seen>
}

const tickMs = 10

/** CPU time of a process so far, all its threads. In steps of 10 ms, as /proc tells it. */
export function cpuMsOf(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(afterName[11]) + Number(afterName[12])) * tickMs
}

/** How many different numbers `pattern` finds in a log. */
export function distinct(log: string, pattern: RegExp): number {
  return new Set([...log.matchAll(pattern)].map(([, number]) => number)).size
}

export function nothing(person: PersonShell): Recorder {
  return {
    name: 'plain sudo',
    person,
    begin: async () => undefined,
    end: async () => ({ starts: null, ends: null, cpuMs: null }),
  }
}
