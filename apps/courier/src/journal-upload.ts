import { Receipt } from '@stint/wire/device'
import type { CourierResults } from '@stint/wire/local-courier'
import { accepted, misbehaves, ServerRefusal } from './answer.ts'
import type { DeviceSession } from './device-session.ts'
import type { AgentLink } from './links.ts'

/** Entries in one upload; the agent sees to it that they are not too many bytes. */
const entriesMax = 200

/**
 * Sends the journal from `from` up to `size`, in order, page after page as the agent hands it over; every receipt goes to
 * the agent, who judges it. Where a server wants an earlier entry than the agent thought (it was set back), it gets it.
 * Throws `ServerRefusal`, the `Fault`s of the links, and `Fault('server-misbehaves')` for a receipt that the agent does
 * not believe or that moves nothing: asking again at once would go on for ever.
 */
export async function uploadJournal(
  agent: AgentLink,
  session: DeviceSession,
  span: { readonly from: number; readonly size: number },
): Promise<void> {
  let { from, size } = span
  let wentBack = false
  while (from < size) {
    const read = await agent.call({ call: 'journal', from, limit: entriesMax })
    if (!read.ok || read.value.entries.length === 0) return
    // Reading seals: what that adds belongs to this upload.
    size = read.value.length
    const wanted = await send(session, read.value)
    if ('receipt' in wanted) {
      from = await believed(agent, wanted.receipt, from)
    } else {
      if (wentBack || wanted.from >= from) throw misbehaves('The server asks for the journal in no order')
      wentBack = true
      from = wanted.from
    }
  }
}

/** Where to go on. */
async function believed(agent: AgentLink, receipt: Receipt, from: number): Promise<number> {
  const taken = await agent.call({ call: 'receipt', receipt })
  if (!taken.ok || receipt.upTo <= from) throw misbehaves('A receipt of the server is not right')
  return receipt.upTo
}

/** The receipt, or where the server wants to begin instead. */
async function send(
  session: DeviceSession,
  upload: CourierResults['journal'],
): Promise<{ readonly receipt: Receipt } | { readonly from: number }> {
  try {
    return { receipt: accepted(Receipt, await session.post('journal', upload)) }
  } catch (error) {
    if (error instanceof ServerRefusal && error.code === 'journal-gap' && error.from !== undefined)
      return { from: error.from }
    throw error
  }
}
