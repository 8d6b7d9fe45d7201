import type { PolicySettings } from '@stint/elevation'
import type { Overview } from '@stint/wire/console'
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { OVERDUE_MS } from './session-view.ts'

/** What the first screen counts. Reads only. */
export interface OverviewViews {
  overview(): Promise<Overview>
}

export function createOverviewViews(
  read: Reader,
  onlineCount: () => number,
  settings: () => Promise<PolicySettings>,
  clock: Clock,
): OverviewViews {
  return {
    async overview() {
      const { contacts, offlineCodes } = await settings()
      const devices = await count(read, 'device', "state = 'enrolled'")
      const approvers = await count(read, 'person', "state <> 'disabled'")
      const isReachable = Object.values(contacts).some((contact) => contact !== '')
      return {
        pendingRequests: await count(read, 'request', "state = 'pending'"),
        liveSessions: await count(
          read,
          'session',
          `state = 'live' and ends_at >= ${clock.now() - OVERDUE_MS}`,
        ),
        devices,
        devicesOnline: onlineCount(),
        openFindings: await count(read, 'finding', 'acknowledged_at is null'),
        todo: [
          ...(devices === 0 ? (['enrol-computer'] as const) : []),
          ...(isReachable ? [] : (['set-contacts'] as const)),
          ...(offlineCodes ? [] : (['enable-offline-codes'] as const)),
          ...(approvers < 2 ? (['invite-approver'] as const) : []),
        ],
      }
    },
  }
}

async function count(read: Reader, table: keyof Schema, condition: string): Promise<number> {
  const row = await read
    .selectFrom(table)
    .select((of) => of.fn.countAll<number>().as('count'))
    .where(sql<boolean>`${sql.raw(condition)}`)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
