import { type Actor, actorText } from '../../actor.ts'
import type { Database } from '../../db/database.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** That somebody took away what is kept about a person; whose data it was, by his id on the computers. */
export async function recordExport(
  { db, ledger }: { readonly db: Pick<Database, 'write'>; readonly ledger: Pick<Ledger, 'append'> },
  actor: Actor,
  userId: string,
): Promise<void> {
  await db.write((tx) =>
    ledger.append(tx, {
      type: 'people-data.exported',
      actor: actorText(actor),
      subject: `user:${userId}`,
      body: {},
    }),
  )
}
