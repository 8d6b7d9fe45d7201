import { done, type Outcome, type ReportName, refused } from '@stint/elevation'
import type { Actor } from '../../actor.ts'
import type { Tx } from '../../db/database.ts'
import type { ReportFilterRow } from '../../db/schema.ts'
import type { ReportParts } from './reports.ts'

export interface FilterWish {
  readonly name: string
  readonly report: ReportName
  readonly filter: object
  readonly shared: boolean
}

/** Filters that people keep. Only whose it is changes one; a shared one is for everybody to use. */
export interface SavedFilters {
  /** Refusal `conflict` for a name that this person has for this report already. */
  saveFilter(actor: Actor, wish: FilterWish): Promise<Outcome<{ readonly id: string }>>
  /** Refusals `not-found` for somebody else's, `conflict` for a name that is taken or one that a schedule needs shared. */
  changeFilter(
    actor: Actor,
    id: string,
    to: Partial<Omit<FilterWish, 'report'>>,
  ): Promise<Outcome<{ readonly id: string }>>
  /** Also somebody else's shared one, by who may schedule reports. Refusals `not-found`, `conflict` while scheduled. */
  deleteFilter(actor: Actor, id: string): Promise<Outcome<null>>
}

export function createSavedFilters(parts: ReportParts): SavedFilters {
  const { db } = parts
  return {
    saveFilter: (actor, wish) => db.write((tx) => saveFilter(parts, tx, actor, wish)),
    changeFilter: (actor, id, to) => db.write((tx) => changeFilter(parts, tx, actor, id, to)),
    deleteFilter: (actor, id) => db.write((tx) => deleteFilter(parts, tx, actor, id)),
  }
}

const nameTaken = () => refused('conflict', { hint: 'You have a filter of that name; choose another one.' })
const inUse = () =>
  refused('conflict', { hint: 'A schedule uses this filter. Change or delete the schedule first.' })

async function saveFilter({ store, clock, newId }: ReportParts, tx: Tx, actor: Actor, wish: FilterWish) {
  const { name, report, filter, shared } = wish
  const key = { owner_id: actor.personId, report, name }
  if ((await store.filterNamed(tx, key)) !== null) return nameTaken()
  const now = clock.now()
  const row: ReportFilterRow = {
    ...{ id: newId(), ...key, body: JSON.stringify(filter), shared: shared ? 1 : 0 },
    ...{ created_at: now, changed_at: now },
  }
  await store.insertFilter(tx, row)
  return done({ id: row.id })
}

async function changeFilter(
  { store, clock }: ReportParts,
  tx: Tx,
  actor: Actor,
  id: string,
  to: Partial<Omit<FilterWish, 'report'>>,
) {
  const row = await store.filter(id, tx)
  if (row === null || row.owner_id !== actor.personId) return refused('not-found')
  const name = to.name ?? row.name
  const named = await store.filterNamed(tx, { ...row, name })
  if (named !== null && named.id !== id) return nameTaken()
  if (to.shared === false && (await store.isScheduled(tx, id))) return inUse()
  await store.changeFilter(tx, id, {
    name,
    body: to.filter === undefined ? row.body : JSON.stringify(to.filter),
    shared: (to.shared ?? row.shared === 1) ? 1 : 0,
    changed_at: clock.now(),
  })
  return done({ id })
}

async function deleteFilter({ store }: ReportParts, tx: Tx, actor: Actor, id: string) {
  const row = await store.filter(id, tx)
  const isOwn = row?.owner_id === actor.personId
  const mayAnyway = row?.shared === 1 && actor.rights.includes('schedule-reports')
  if (row === null || !(isOwn || mayAnyway)) return refused('not-found')
  if (await store.isScheduled(tx, id)) return inUse()
  await store.deleteFilter(tx, id)
  return done(null)
}
