import { spokenTimes } from '../time/spoken-times.ts'

export interface TimelineEntry {
  /** RFC 3339 */
  readonly at: string
  readonly where: 'computer' | 'server'
  readonly type: string
  readonly who: string
  /** Times in it are RFC 3339 in UTC; they are shown in the reader's own time. */
  readonly text: string
}

/** Entries that say the same of nearly the same moment, as one line. */
export interface TimelineLine extends TimelineEntry {
  readonly count: number
}

/** Between one entry and the next that is folded into it. */
const APART_MAX_MS = 10_000

/**
 * Folds an entry into the line before it when it comes from the same place within ten seconds and differs only in the
 * times of its text. The line begins where the first began, and its last time is the last one's: gaps `from A to B`
 * and `from C to D` become `from A to D`.
 */
export function foldTimeline(entries: readonly TimelineEntry[]): readonly TimelineLine[] {
  const lines: TimelineLine[] = []
  let lastAt = Number.NEGATIVE_INFINITY
  for (const entry of entries) {
    const line = lines.at(-1)
    const at = Date.parse(entry.at)
    if (line && at - lastAt <= APART_MAX_MS && kindOf(line) === kindOf(entry)) {
      lines[lines.length - 1] = { ...line, text: joined(line.text, entry.text), count: line.count + 1 }
    } else {
      lines.push({ ...entry, count: 1 })
    }
    lastAt = at
  }
  return lines
}

function kindOf({ where, type, who, text }: TimelineEntry): string {
  return JSON.stringify([
    where,
    type,
    who,
    spokenTimes(text).map((part) => ('at' in part ? null : part.text)),
  ])
}

/** The first text with its last time taken from the other. */
function joined(first: string, last: string): string {
  const parts = spokenTimes(first)
  const end = parts.findLastIndex((part) => 'at' in part)
  const until = spokenTimes(last).findLast((part) => 'at' in part)
  return parts.map((part, i) => (i === end && until ? until.text : part.text)).join('')
}
