import type { Outcome } from '@stint/elevation'
import type { Reply } from '@stint/wire/local-user'
import type { Log } from '../config/ground.ts'

/** The one answer to a call: a value, an expected no, or a fault with its code and next step. Never rejects. */
export async function replyTo(id: number, work: () => Promise<Outcome<unknown>>, log: Log): Promise<Reply> {
  try {
    const outcome = await work()
    return outcome.ok ? { id, ok: true, result: outcome.value } : { id, ok: false, refused: outcome.refused }
  } catch (error) {
    log.error('a call failed', error)
    return faultReply(id, error)
  }
}

/** Whatever was thrown, as a person may see it. What has no code of its own says nothing of its inside. */
export function faultReply(id: number, error: unknown): Reply {
  if (error instanceof Error && 'code' in error && 'hint' in error) {
    const { message, code, hint } = error
    return { id, ok: false, fault: { code: String(code), message, hint: String(hint) } }
  }
  const fault = { code: 'internal', message: 'Something went wrong in the agent.', hint: 'Look at its log.' }
  return { id, ok: false, fault }
}
