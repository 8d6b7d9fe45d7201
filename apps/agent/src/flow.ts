/**
 * The way of a request through the agent, top to bottom: ask → admit → raise → record → lower. A value is handed on
 * that only the step before can make; the details are in the rooms named in the imports.
 */
import { done, type EndReason, type Outcome, refused } from '@stint/elevation'
import { VerifiedGrant } from './admit/verified-grant.ts'
import { type Closing, closeRequest } from './ask/close-request.ts'
import { OpenRequest } from './ask/open-request.ts'
import type { Ground } from './config/ground.ts'
import type { RequestRecord } from './config/state.ts'
import type { Asker } from './door/asker.ts'
import type { SentSignal } from './door/sent-signal.ts'
import type { Wish } from './door/wish.ts'
import type { ActiveSession } from './session/active-session.ts'
import type { Lowering } from './session/lowering.ts'
import type { Sessions } from './session/sessions.ts'

export interface FlowGround extends Ground {
  readonly sessions: Sessions
  readonly sent: SentSignal
}

/** How long a request waits for the courier's word that the server has it. */
const sentWithinMs = 2_000

export class Flow {
  readonly #ground: FlowGround

  constructor(ground: FlowGround) {
    this.#ground = ground
  }

  /** Steps 1 and 2: the request is durable, then its code is shown, and whether the server has it already. */
  async request(asker: Asker, wish: Wish): Promise<Outcome<RequestRecord>> {
    const open = await OpenRequest.ask(asker, wish, this.#ground)
    if (!open.ok) return open
    const { record } = open.value
    if (!wish.offline) await this.#ground.sent.wait(record.requestId, sentWithinMs)
    return done(
      this.#ground.keeper.state.requests.find((now) => now.requestId === record.requestId) ?? record,
    )
  }

  /**
   * Steps 7 to 9: whatever carried it, an answer becomes a grant here or nowhere, and a grant becomes a session, which
   * is recorded from before its rights are up.
   */
  answer(asker: Asker, text: string): Promise<Outcome<ActiveSession>> {
    const { sessions } = this.#ground
    return sessions.answering(asker.uid, async () => {
      const grant = await VerifiedGrant.admit(asker, text, this.#ground)
      if (!grant.ok) return grant
      return sessions.raise(grant.value)
    })
  }

  /** Step 10, asked for by the person. Refuses with `no-session`, or `lowering-pending` when the first try failed. */
  async end(asker: Asker): Promise<Outcome<Lowering>> {
    const mine = this.#ground.keeper.state.sessions.find(({ userId }) => userId === asker.userId)
    if (!mine) return refused('no-session')
    const lowering = this.#ground.sessions.end(mine.sessionId, 'ended-by-user')
    return lowering && (await lowering.lowered) ? done(lowering) : refused('lowering-pending')
  }

  /** Step 10, asked for by somebody else; answers whether the rights are gone. */
  async endSession(sessionId: string, reason: EndReason): Promise<boolean> {
    return (await this.#ground.sessions.end(sessionId, reason)?.lowered) ?? false
  }

  withdraw(asker: Asker): Promise<Outcome<RequestRecord>> {
    const closing: Closing = { state: 'withdrawn', reason: 'withdrawn', note: '' }
    return closeRequest(({ userId }) => userId === asker.userId, closing, this.#ground)
  }

  deny(requestId: string, note: string): Promise<Outcome<RequestRecord>> {
    const closing: Closing = { state: 'denied', reason: 'denied', note }
    return closeRequest((request) => request.requestId === requestId, closing, this.#ground)
  }

  /** The identity of this computer is worthless from now on: rights go down, open requests close, the journal stays. */
  async revoke(): Promise<boolean> {
    const { keeper, sessions } = this.#ground
    const closing: Closing = { state: 'void', reason: 'denied', note: 'This computer was revoked.' }
    const revoked = await keeper.locked(async (write) => {
      const { identity } = keeper.state
      if (identity.state !== 'enrolled') return false
      await write({ identity: { ...identity, state: 'revoked' } })
      return true
    })
    await sessions.endAll('ended-by-administrator')
    for (let open = true; open; ) open = (await closeRequest(() => true, closing, this.#ground)).ok
    return revoked
  }
}
