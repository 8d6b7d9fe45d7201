import type { DeviceFacts } from '@stint/wire/journal'
import type { DeviceUserRow } from '../../db/schema.ts'

const SLOTS = 14
/** Nobody has so many accounts; a computer that names more wants to fill the database, or the screen that lists them. */
const USERS_KEPT = 1000

/**
 * Rows for users that a computer reports and that are not `known` yet. They are numbered in the order in which they
 * were first reported, 0 to 13, for ever; whoever comes later has no number and is asked for by name.
 */
export function numberUsers(
  known: readonly Pick<DeviceUserRow, 'user_id' | 'slot'>[],
  reported: DeviceFacts['users'],
  deviceId: string,
  now: number,
): DeviceUserRow[] {
  const seen = new Set(known.map(({ user_id }) => user_id))
  let next = known.filter(({ slot }) => slot !== null).length
  const rows: DeviceUserRow[] = []
  for (const { userId, name } of reported) {
    if (seen.has(userId) || userId === '') continue
    if (seen.size >= USERS_KEPT) break
    seen.add(userId)
    const slot = next < SLOTS ? next : null
    next += 1
    rows.push({ device_id: deviceId, user_id: userId, name, slot, first_seen_at: now })
  }
  return rows
}
