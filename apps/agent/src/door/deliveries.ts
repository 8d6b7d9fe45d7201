import type { EndReason, Outcome } from '@stint/elevation'
import type { DeviceMessage } from '@stint/wire/device'
import type { Ground } from '../config/ground.ts'
import type { RequestRecord } from '../config/state.ts'
import { Asker } from './asker.ts'

export interface DeliveryGround extends Pick<Ground, 'os' | 'keeper' | 'log'> {
  readonly steps: {
    answer(asker: Asker, text: string): Promise<Outcome<unknown>>
    deny(requestId: string, note: string): Promise<Outcome<RequestRecord>>
    endSession(sessionId: string, reason: EndReason): Promise<boolean>
    revoke(): Promise<boolean>
  }
  readonly applyPolicy: (jws: string) => Promise<Outcome<unknown>>
  readonly askHeal: () => Promise<void>
}

/**
 * What the courier brings. Only an answer raises, and it is verified like one that was typed; the policy is signed;
 * everything else can only take away, so nothing is lost if the courier lies. Answers whether it had its effect.
 */
export async function deliver(message: DeviceMessage, ground: DeliveryGround): Promise<boolean> {
  const { steps } = ground
  switch (message.type) {
    case 'answer':
      return deliverAnswer(message.requestId, message.token, ground)
    case 'denial':
      return deny(message.requestId, message.note, ground)
    case 'policy':
      return (await ground.applyPolicy(message.policy)).ok
    case 'end-session':
      return steps.endSession(message.sessionId, 'ended-by-administrator')
    case 'heal':
      await ground.askHeal()
      return true
    case 'revoked':
      return steps.revoke()
  }
}

/** For the person who asked, if that uid is still the same person. */
async function deliverAnswer(requestId: string, token: string, ground: DeliveryGround): Promise<boolean> {
  const { os, keeper, steps, log } = ground
  const record = keeper.state.requests.find((request) => request.requestId === requestId)
  if (!record) return false
  const asker = await Asker.of(os, record.uid)
  if (!asker.ok || asker.value.userId !== record.userId) return false
  const active = await steps.answer(asker.value, token)
  if (active.ok)
    await say(record.uid, 'approved. You have administrator rights; `stint end` gives them back.', ground)
  else log.info('a delivered answer was refused', { code: active.refused.code })
  return active.ok
}

async function deny(requestId: string, note: string, ground: DeliveryGround): Promise<boolean> {
  const closed = await ground.steps.deny(requestId, note)
  if (closed.ok) await say(closed.value.uid, 'your request was denied. `stint status` says why.', ground)
  return closed.ok
}

async function say(uid: number, text: string, { os, log }: DeliveryGround): Promise<void> {
  await os.notify(uid, `Stint: ${text}`).catch((error) => log.error('a notice could not be shown', error))
}
