import type { Ground } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import { replaced } from './active-session.ts'

/**
 * Rights that somebody else gave or took while this session is live go into the journal, and stay as they are: what
 * Stint did not give, Stint does not take.
 * @throws OsError of `isAdministrator`; Fault of the disk
 */
export async function noticeRightsElsewhere(
  { sessionId, uid, userId }: SessionRecord,
  { os, clock, keeper }: Pick<Ground, 'os' | 'clock' | 'keeper'>,
): Promise<void> {
  const administrator = await os.isAdministrator(uid)
  await keeper.locked(async (write) => {
    const { sessions } = keeper.state
    const known = sessions.find((session) => session.sessionId === sessionId)
    if (known?.administrator === undefined || known.administrator === administrator) return
    const at = rfc3339(clock.now().wallMs)
    const fact: Fact = { type: 'rights.changed-elsewhere', body: { sessionId, userId, administrator, at } }
    await write({ sessions: replaced(sessions, { ...known, administrator }) }, [fact])
  })
}
