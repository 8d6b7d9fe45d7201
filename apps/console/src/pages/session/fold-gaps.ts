import type { SessionDetail } from '@stint/wire/console'

type Gap = SessionDetail['gaps'][number]

/** Gaps of one cause that lie close together, as one. */
export interface FoldedGap extends Gap {
  readonly count: number
}

/** Between the end of one gap and the beginning of the next that is folded into it. */
const APART_MAX_MS = 10_000

/** Folds each gap into an earlier one of the same cause when at most ten seconds lie between them. Oldest first. */
export function foldGaps(gaps: readonly Gap[]): readonly FoldedGap[] {
  const folded: FoldedGap[] = []
  const latest = new Map<string, number>()
  for (const gap of [...gaps].sort((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const at = latest.get(gap.cause) ?? -1
    const before = folded[at]
    if (before && Date.parse(gap.from) - Date.parse(before.to) <= APART_MAX_MS) {
      const to = Date.parse(gap.to) > Date.parse(before.to) ? gap.to : before.to
      folded[at] = { ...before, to, count: before.count + 1 }
    } else {
      latest.set(gap.cause, folded.push({ ...gap, count: 1 }) - 1)
    }
  }
  return folded
}
