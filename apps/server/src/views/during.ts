/** A process of a recording. Times are ms; `endedAt` is null while its end is not known. */
export interface RecordedProcess {
  readonly seq: number
  readonly pid: number
  readonly parentPid: number
  readonly program: string
  readonly startedAt: number
  readonly endedAt: number | null
}

/** So many are named; at a busy moment more would say less. */
const NAMED_MAX = 5

/**
 * Who may have done what was done at a time: the processes that ran then and had none under them that ran, the newest
 * first, at most five. A process that became another program is the later one from then on.
 */
export function whoRan(processes: readonly RecordedProcess[]): (at: number) => readonly RecordedProcess[] {
  const spans = spansOf(processes)
  return (at) => {
    const running = spans.filter(({ from, until, last }) => from <= at && at < until && at <= last)
    const parents = new Set(running.map(({ process }) => process.parentPid))
    return running
      .filter(({ process }) => !parents.has(process.pid))
      .slice(-NAMED_MAX)
      .map(({ process }) => process)
      .reverse()
  }
}

/** When a process ran: from `from` to `last`, and only before `until`, when its pid belonged to the next. */
interface Span {
  readonly process: RecordedProcess
  readonly from: number
  readonly last: number
  readonly until: number
}

/** Oldest first. */
function spansOf(processes: readonly RecordedProcess[]): readonly Span[] {
  const newestFirst = [...processes].sort((a, b) => b.startedAt - a.startedAt || b.seq - a.seq)
  const nextStart = new Map<number, number>()
  const spans = newestFirst.map((process) => {
    const { pid, startedAt: from, endedAt } = process
    const until = nextStart.get(pid) ?? Number.POSITIVE_INFINITY
    nextStart.set(pid, from)
    return { process, from, last: endedAt ?? Number.POSITIVE_INFINITY, until }
  })
  return spans.reverse()
}
