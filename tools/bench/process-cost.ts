import { readdirSync, readFileSync } from 'node:fs'

/** Memory of one process in MB, as the kernel counts it. */
export interface Memory {
  readonly rss: number
  /** Its share: pages that n processes map count 1/n. Less, the more other programs run on the same Node. */
  readonly pss: number
  /** Its own: pages that no file backs, which nothing but the process can give back. */
  readonly own: number
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { rss: mb('Rss'), pss: mb('Pss'), own: mb('Anonymous') }
}

/**
 * What processes take together on a computer where no other program runs on the same Node: everything of their own,
 * and once the files that they share.
 */
export function together(memories: readonly Memory[]): number {
  const own = memories.reduce((sum, memory) => sum + memory.own, 0)
  return own + Math.max(...memories.map(({ rss, own: alone }) => rss - alone))
}

/** CPU time so far in ms, of all threads that live and of all children that ended. */
export function cpuMsOf(pid: number): number {
  const tasks = `/proc/${pid}/task`
  const threadsNs = readdirSync(tasks)
    .map((thread) => Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, ns) => sum + ns, 0)
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const childrenTicks = Number(afterName[13]) + Number(afterName[14])
  return threadsNs / 1e6 + childrenTicks * 10
}
