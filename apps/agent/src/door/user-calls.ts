import { done, type Outcome } from '@stint/elevation'
import type { UserCall, UserResults, UserStatus } from '@stint/wire/local-user'
import type { Ground } from '../config/ground.ts'
import { rfc3339 } from '../config/ids.ts'
import type { RequestRecord, SessionRecord } from '../config/state.ts'
import type { Asker } from './asker.ts'
import { endedView, requestView, type Surroundings, sessionView, userStatus } from './views.ts'
import type { Emit, Watchers } from './watchers.ts'
import type { Wish } from './wish.ts'

/** What the flow does for a person. */
export interface UserSteps {
  request(asker: Asker, wish: Wish): Promise<Outcome<RequestRecord>>
  answer(asker: Asker, text: string): Promise<Outcome<{ readonly record: SessionRecord }>>
  withdraw(asker: Asker): Promise<Outcome<RequestRecord>>
  end(asker: Asker): Promise<Outcome<{ readonly record: SessionRecord; readonly endedWallMs: number }>>
}

export interface UserCallGround extends Pick<Ground, 'clock' | 'keeper' | 'limiter' | 'policy'> {
  readonly steps: UserSteps
  readonly around: Surroundings
  readonly watchers: Watchers
}

/** Does one call of a person, whoever the operating system says that is. */
export async function userCall(
  asker: Asker,
  call: UserCall,
  emit: Emit,
  ground: UserCallGround,
): Promise<Outcome<UserResults[UserCall['call']]>> {
  const { steps, watchers, keeper, around } = ground
  const status = (): UserStatus => userStatus(asker, ground, around)
  switch (call.call) {
    case 'status':
      return done(status())
    case 'watch':
      watchers.add(asker.uid, emit, status)
      return done(status())
    case 'request': {
      const { reason, minutes, mode, ticket, offline } = call
      const made = await steps.request(asker, { reason, minutes, mode, ticket, offline })
      return made.ok ? done({ ...requestView(made.value, ground), contacts: status().contacts }) : made
    }
    case 'answer': {
      const raised = await steps.answer(asker, call.text)
      return raised.ok ? done(sessionView(raised.value.record, 0)) : raised
    }
    case 'withdraw': {
      const closed = await steps.withdraw(asker)
      return closed.ok ? done({ requestId: closed.value.requestId }) : closed
    }
    case 'end': {
      const ended = await steps.end(asker)
      if (!ended.ok) return ended
      const { record, endedWallMs } = ended.value
      const view = sessionView(record, around.processes(record.sessionId))
      return done({ ...view, endedAt: rfc3339(endedWallMs) })
    }
    case 'history': {
      const mine = keeper.state.ended.filter(({ userId }) => userId === asker.userId)
      return done({ sessions: mine.slice(0, call.limit).map(endedView) })
    }
  }
}
