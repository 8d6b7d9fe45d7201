/** One elevated process as it was recorded. */
export interface ProcessRecord {
  readonly pid: number
  readonly parentPid: number
  readonly uid: number
  readonly program: string
  readonly args: readonly string[]
  readonly argsCut: boolean
  /** Secrets that were taken out of `args`, each now `[redacted]`. */
  readonly redacted: number
  readonly directory: string | null
  readonly sha256: string | null
  /** RFC 3339 */
  readonly startedAt: string
  readonly endedAt: string | null
  readonly exitCode: number | null
  readonly signal: string | null
}

export interface ProcessNode {
  readonly id: string
  readonly process: ProcessRecord
  readonly depth: number
  readonly children: ProcessNode[]
}

/**
 * Flat records to trees, oldest first. A pid can be used again within a session: the parent is the last process of that
 * pid that had started by then, and never the process itself.
 */
export function processForest(records: readonly ProcessRecord[]): readonly ProcessNode[] {
  const roots: ProcessNode[] = []
  const latest = new Map<number, ProcessNode>()
  const ordered = [...records].sort((a, b) => a.startedAt.localeCompare(b.startedAt))
  for (const [order, process] of ordered.entries()) {
    const parent = process.parentPid === process.pid ? undefined : latest.get(process.parentPid)
    const node: ProcessNode = {
      id: `${process.pid}-${process.startedAt}-${order}`,
      process,
      depth: parent ? parent.depth + 1 : 0,
      children: [],
    }
    ;(parent ? parent.children : roots).push(node)
    latest.set(process.pid, node)
  }
  return roots
}

/** The rows that are visible while `closed` nodes hide what is under them. */
export function visibleNodes(
  roots: readonly ProcessNode[],
  closed: ReadonlySet<string>,
): readonly ProcessNode[] {
  const rows: ProcessNode[] = []
  const waiting = [...roots].reverse()
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    rows.push(node)
    if (!closed.has(node.id)) waiting.push(...[...node.children].reverse())
  }
  return rows
}
