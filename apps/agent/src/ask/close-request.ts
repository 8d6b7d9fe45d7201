import { done, type Outcome, refused } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import { type Closing, closed } from '../config/request-ends.ts'
import type { RequestRecord } from '../config/state.ts'

export type { Closing }

export type CloseGround = Pick<Ground, 'clock' | 'keeper' | 'limiter'>

/** Closes the open request that `which` finds. Refuses with `no-request`. @throws Fault of the disk */
export function closeRequest(
  which: (request: RequestRecord) => boolean,
  closing: Closing,
  { clock, keeper, limiter }: CloseGround,
): Promise<Outcome<RequestRecord>> {
  return keeper.locked(async (write) => {
    const record = keeper.state.requests.find((request) => request.state === 'pending' && which(request))
    if (!record) return refused('no-request')
    limiter.cancel(record.userId)
    await write(...closed(keeper.state, record, closing, clock.now().wallMs))
    return done(record)
  })
}
