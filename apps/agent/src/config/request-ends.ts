import { isPending, LIMITS, type Limiter, limitedUser } from '@stint/code'
import type { JournalBody } from '@stint/wire/journal'
import type { Fact } from '../journal/fact.ts'
import type { AgentState, RequestRecord } from './state.ts'

/** How a request ends without a session. */
export interface Closing {
  readonly state: 'withdrawn' | 'denied' | 'expired' | 'void'
  readonly reason: JournalBody<'request.void'>['reason']
  readonly note: string
}

/** The change and its fact. */
export function closed(
  state: AgentState,
  record: RequestRecord,
  { state: end, reason, note }: Closing,
  wallMs: number,
): [Pick<AgentState, 'requests'>, Fact[]] {
  const over = { ...record, state: end, note, decidedWallMs: wallMs }
  const requests = state.requests.map((other) => (other.requestId === record.requestId ? over : other))
  return [{ requests }, [{ type: 'request.void', body: { requestId: record.requestId, reason, note } }]]
}

/**
 * Requests that are open here and over for the limiter: too old, or closed by the fifth wrong answer just before a
 * crash. Gives the change and its facts, null when there is none.
 */
export function overtaken(
  state: AgentState,
  limiter: Limiter,
  wallMs: number,
): [Pick<AgentState, 'requests'>, Fact[]] | null {
  const facts: Fact[] = []
  const requests = state.requests.map((record): RequestRecord => {
    const limited = limitedUser(limiter.state, record.userId).request
    const same = limited?.code === record.requestCode ? limited : null
    if (record.state !== 'pending' || isPending(same)) return record
    const wrong = same?.status === 'void' && same.tries >= LIMITS.triesPerRequest
    const reason = wrong ? 'too-many-wrong' : 'expired'
    facts.push({ type: 'request.void', body: { requestId: record.requestId, reason, note: '' } })
    return { ...record, state: wrong ? 'void' : 'expired', decidedWallMs: wallMs }
  })
  return facts.length === 0 ? null : [{ requests }, facts]
}
