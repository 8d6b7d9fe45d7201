import type { Reader } from '../../db/database.ts'

/**
 * The newest signed serial of each computer, or the next one while the settings are newer than it. `deviceIds` null
 * is all of them.
 */
export async function policiesWanted(
  read: Reader,
  deviceIds: readonly string[] | null,
): Promise<(deviceId: string) => number> {
  if (deviceIds?.length === 0) return () => 1
  const newest = await read
    .selectFrom('settings_version')
    .select((of) => of.fn.max('version').as('version'))
    .executeTakeFirst()
  const rows = await read
    .selectFrom('device_policy')
    .select([
      'device_id',
      (of) => of.fn.max('serial').as('serial'),
      (of) => of.fn.max('settings_version').as('version'),
    ])
    .$if(deviceIds !== null, (all) => all.where('device_id', 'in', deviceIds ?? []))
    .groupBy('device_id')
    .execute()
  const current = newest?.version ?? 0
  const wanted = new Map(
    rows.map(({ device_id, serial, version }) => [device_id, version >= current ? serial : serial + 1]),
  )
  return (deviceId) => wanted.get(deviceId) ?? 1
}
