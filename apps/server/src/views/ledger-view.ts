import type { LedgerEntry } from '@stint/wire/console'
import { isoTime } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import { type CursorKey, type PageAsked, type PageFound, toPage } from '../http/paging.ts'
import { actorNames } from './actor-names.ts'

/** The ledger as people read it, newest first. Reads only. */
export interface LedgerViews {
  ledger(page: PageAsked<CursorKey>): Promise<PageFound<LedgerEntry>>
}

export function createLedgerViews(read: Reader): LedgerViews {
  return {
    async ledger({ limit, after }) {
      const [seq] = after ?? []
      let rows = read.selectFrom('ledger').selectAll()
      if (seq !== undefined) rows = rows.where('seq', '<', Number(seq))
      const found = await rows
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute()
      const named = await actorNames(
        read,
        found.flatMap(({ actor }) => actor ?? []),
      )
      return toPage(
        found,
        limit,
        (row) => [row.seq],
        ({ seq: number, at, type, actor, subject, body }) => ({
          seq: number,
          at: isoTime(at),
          type,
          actor: actor === null ? '' : named(actor),
          subject: subject ?? '',
          body: body === null ? null : factOf(body),
        }),
      )
    },
  }
}

/** What a fact says beside who did it and to what, which have members of their own on the wire. */
function factOf(text: string): unknown {
  const { actor, subject, ...fact } = JSON.parse(text)
  return fact
}
