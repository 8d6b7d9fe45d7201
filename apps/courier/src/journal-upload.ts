import { Receipt } from '@stint/wire/device'
import type { JournalEntry } from '@stint/wire/journal'
import { accepted, misbehaves, ServerRefusal } from './answer.ts'
import type { DeviceSession } from './device-session.ts'
import type { AgentLink } from './links.ts'

/** Entries in one upload, and bytes of JSON unless a single one is larger. */
const entriesMax = 200
const bytesMax = 1024 * 1024

/**
 * Sends the journal from `from` up to `size`, in order, batch after batch; every receipt goes to the agent, who judges
 * it. Where a server wants an earlier entry than the agent thought (it was set back), it gets it.
 * Throws `ServerRefusal`, the `Fault`s of the links, and `Fault('server-misbehaves')` for a receipt that the agent does
 * not believe or that moves nothing: asking again at once would go on for ever.
 */
export async function uploadJournal(
  agent: AgentLink,
  session: DeviceSession,
  span: { readonly from: number; readonly size: number },
): Promise<void> {
  let { from } = span
  let wentBack = false
  while (from < span.size) {
    const read = await agent.call({ call: 'journal', from, limit: entriesMax })
    if (!read.ok || read.value.entries.length === 0) return
    const entries = batch(read.value.entries)
    const wanted = await send(session, entries)
    if ('receipt' in wanted) {
      const believed = await agent.call({ call: 'receipt', receipt: wanted.receipt })
      if (!believed.ok || wanted.receipt.upTo <= from)
        throw misbehaves('A receipt of the server is not right')
      from = wanted.receipt.upTo
    } else {
      if (wentBack || wanted.from >= from) throw misbehaves('The server asks for the journal in no order')
      wentBack = true
      from = wanted.from
    }
  }
}

/** The receipt, or where the server wants to begin instead. */
async function send(
  session: DeviceSession,
  entries: readonly JournalEntry[],
): Promise<{ readonly receipt: Receipt } | { readonly from: number }> {
  try {
    return { receipt: accepted(Receipt, await session.post('journal', { entries })) }
  } catch (error) {
    if (error instanceof ServerRefusal && error.code === 'journal-gap' && error.from !== undefined)
      return { from: error.from }
    throw error
  }
}

function batch(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  let bytes = 0
  const end = entries.findIndex((entry, i) => {
    bytes += Buffer.byteLength(JSON.stringify(entry))
    return i > 0 && bytes > bytesMax
  })
  return end === -1 ? entries : entries.slice(0, end)
}
