import type { ChangeKind } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import { rfc3339 } from '../config/ids.ts'
import { printable } from '../config/printable.ts'
import type { SystemDifference, SystemItem, SystemSnapshot } from '../os/os.ts'

/** What is not as it was. `sure` is false where nobody looked at it before it changed: it is never put back. */
export interface Change extends SystemDifference {
  readonly sure: boolean
}

export interface Comparison {
  readonly changes: readonly Change[]
  /** Places that could not be compared, in plain words. */
  readonly unread: readonly string[]
}

export type Undone = JournalBody<'system.changed'>['changes'][number]['undone']

const mostChanges = 1000
const mostUnread = 50
const notLookedAt = 'Not known: it was not looked at before.'

/** When the first look was taken, on the wall clock. */
export interface FirstLook {
  readonly sinceWallMs: number
  /** What is dated from the begin to here may have changed before it was looked at. 0: rights were not up yet. */
  readonly untilWallMs: number
}

/**
 * What differs between two looks. What stood in the first one but is dated after its begin may have become so in the
 * session: it is told of, and not sure. A kind that the first look could not read whole tells only of what is dated
 * after its begin; one that the second could not read whole tells of nothing that it is gone.
 */
export function changesBetween(before: SystemSnapshot, after: SystemSnapshot, look: FirstLook): Comparison {
  const unsure = partly(before)
  const early = new Map<string, SystemItem>()
  const late = new Set<string>()
  for (const item of before.items) {
    if (isFromTheLook(item, look)) late.add(keyOf(item))
    else early.set(keyOf(item), item)
  }
  const things = new Map([...early.values()].map((item) => [thingOf(item), item]))
  const changes = after.items.flatMap((item): Change | [] => {
    const was = early.get(keyOf(item)) ?? null
    const other = was === null ? things.get(thingOf(item)) : undefined
    if (other)
      return { before: other, after: { ...item, state: `${item.state}, called ${item.what}` }, sure: true }
    if (was?.mark === item.mark) return []
    const sure = was !== null || !(late.has(keyOf(item)) || unsure.has(item.kind))
    return sure || (item.atMs ?? 0) >= look.sinceWallMs ? { before: was, after: item, sure } : []
  })
  const there = new Set(after.items.flatMap((item) => [keyOf(item), thingOf(item)]))
  const gone = [...early.values()].filter(
    (item) => ![keyOf(item), thingOf(item)].some((name) => there.has(name)) && !partly(after).has(item.kind),
  )
  const unread = new Set([...before.unread, ...after.unread].map(({ why }) => why))
  return {
    changes: [...changes, ...gone.map((item) => ({ before: item, after: null, sure: true }))],
    unread: [...unread],
  }
}

function isFromTheLook({ atMs }: SystemItem, { sinceWallMs, untilWallMs }: FirstLook): boolean {
  return atMs !== null && atMs >= sinceWallMs && atMs <= untilWallMs
}

/** Kinds that were not read whole. */
function partly({ unread }: SystemSnapshot): ReadonlySet<ChangeKind> {
  return new Set(unread.map(({ kind }) => kind))
}

export function kindOf({ before, after }: SystemDifference): ChangeKind {
  const kind = (before ?? after)?.kind
  if (kind === undefined) throw new TypeError('a change without a before and an after')
  return kind
}

/** As it goes into the journal: words, digests and times, never what a file holds. */
export function changedBody(
  sessionId: string,
  { changes, unread }: Comparison,
  undone: (change: Change) => Undone,
): JournalBody<'system.changed'> {
  return {
    sessionId,
    changes: changes.slice(0, mostChanges).map((change) => listed(change, undone(change))),
    cut: changes.length > mostChanges,
    unread: unread.slice(0, mostUnread).map((why) => printable(why, 300)),
  }
}

function listed(change: Change, undone: Undone): JournalBody<'system.changed'>['changes'][number] {
  const { before, after, sure } = change
  const looksTheSame = before !== null && before.state === after?.state
  return {
    kind: kindOf(change),
    what: printable((before ?? after)?.what ?? ''),
    before: before ? printable(before.state) : sure ? null : notLookedAt,
    after: after && printable(looksTheSame ? `${after.state} (changed)` : after.state),
    at: after?.atMs == null ? null : rfc3339(after.atMs),
    undone,
  }
}

/** A file with several names is told of under one of them, and not under the same each time. */
function thingOf({ kind, what, thing }: SystemItem): string {
  return thing === undefined ? `${kind} ${what}` : `${kind}: ${thing}`
}

function keyOf({ kind, what }: SystemItem): string {
  return `${kind} ${what}`
}
