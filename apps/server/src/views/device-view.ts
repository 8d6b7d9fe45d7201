import { requestSticker } from '@stint/code'
import type { Device } from '@stint/wire/console'
import type { DeviceFacts } from '@stint/wire/journal'
import { isoTime, isoTimeOrNull } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { DeviceRow } from '../db/schema.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'

/** The computers as people see them. Reads and joins, writes nothing. */
export interface DeviceViews {
  devices(page: PageAsked<CursorKey>): Promise<PageFound<Device>>
  device(id: string): Promise<Device | null>
}

export function createDeviceViews(read: Reader, isOnline: (deviceId: string) => boolean): DeviceViews {
  const all = () => read.selectFrom('device').selectAll()
  const views = async (rows: readonly DeviceRow[]) => {
    const more = await moreOf(read, rows)
    return rows.map((row) => deviceView(row, more(row.id), isOnline(row.id)))
  }
  return {
    async devices({ limit, after }) {
      const [enrolledAt, id] = after ?? []
      let rows = all()
      if (enrolledAt !== undefined && id !== undefined)
        rows = rows.where((is) =>
          is.or([
            is('enrolled_at', '<', Number(enrolledAt)),
            is.and([is('enrolled_at', '=', Number(enrolledAt)), is('id', '<', String(id))]),
          ]),
        )
      const found = await rows
        .orderBy('enrolled_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      const page = toPage(
        found,
        limit,
        (row) => [row.enrolled_at, row.id],
        (row) => row,
      )
      return { ...page, items: await views(page.items) }
    },
    async device(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      const [view] = row === undefined ? [] : await views([row])
      return view ?? null
    },
  }
}

interface More {
  readonly users: Device['users']
  readonly liveSessions: number
  readonly openRequests: number
  readonly policyWanted: number
}

/** What other tables know of these computers, in one query each. */
async function moreOf(read: Reader, rows: readonly DeviceRow[]): Promise<(id: string) => More> {
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return () => ({ users: [], liveSessions: 0, openRequests: 0, policyWanted: 0 })
  const users = await read
    .selectFrom('device_user')
    .selectAll()
    .where('device_id', 'in', ids)
    .orderBy('slot')
    .execute()
  const sessions = await countBy(read, 'session', 'live', ids)
  const requests = await countBy(read, 'request', 'pending', ids)
  const wanted = await policiesWanted(read, ids)
  return (id) => ({
    users: users
      .filter(({ device_id }) => device_id === id)
      .map(({ user_id, name }) => ({ userId: user_id, name })),
    liveSessions: sessions.get(id) ?? 0,
    openRequests: requests.get(id) ?? 0,
    policyWanted: wanted.get(id) ?? 1,
  })
}

async function countBy(
  read: Reader,
  table: 'session' | 'request',
  state: 'live' | 'pending',
  ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await read
    .selectFrom(table)
    .select(['device_id', (of) => of.fn.countAll<number>().as('count')])
    .where('device_id', 'in', [...ids])
    .where('state', '=', state)
    .groupBy('device_id')
    .execute()
  return new Map(rows.map(({ device_id, count }) => [device_id, Number(count)]))
}

/** The newest signed serial, or the next one while the settings are newer than it. */
async function policiesWanted(read: Reader, ids: readonly string[]): Promise<Map<string, number>> {
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
    .where('device_id', 'in', [...ids])
    .groupBy('device_id')
    .execute()
  const isCurrent = (version: number) => version >= (newest?.version ?? 0)
  return new Map(rows.map((row) => [row.device_id, isCurrent(row.version) ? row.serial : row.serial + 1]))
}

function deviceView(row: DeviceRow, more: More, online: boolean): Device {
  const facts: DeviceFacts = JSON.parse(row.facts)
  return {
    id: row.id,
    devNo: row.dev_no,
    codePrefix: requestSticker('session', row.dev_no),
    name: row.name,
    state: row.state,
    os: `${facts.osName} ${facts.osVersion}`.trim(),
    class: facts.class,
    agentVersion: facts.agentVersion,
    online,
    lastSeenAt: isoTimeOrNull(row.last_seen_at),
    enrolledAt: isoTime(row.enrolled_at),
    policySerial: row.policy_serial,
    policyWanted: more.policyWanted,
    users: more.users,
    weaknesses: facts.weaknesses,
    liveSessions: more.liveSessions,
    openRequests: more.openRequests,
  }
}
