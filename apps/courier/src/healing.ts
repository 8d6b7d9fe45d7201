import { HealAnswer } from '@stint/wire/device'
import { accepted, acceptedEmpty } from './answer.ts'
import type { DeviceSession } from './device-session.ts'
import type { AgentLink } from './links.ts'

/** Carries one renewal of keys (protocol 4.3). A confirmation that the server may not have goes first. */
export async function carryHeal(agent: AgentLink, session: DeviceSession): Promise<void> {
  const offer = await agent.call({ call: 'heal-hello' })
  if (!offer.ok) return
  const { hello, confirm } = offer.value
  const confirmation = confirm ?? (hello === null ? null : await answered(agent, session, hello))
  if (confirmation === null) return
  acceptedEmpty(await session.post('heal/confirm', confirmation))
  await agent.call({ call: 'healed', epoch: confirmation.epoch })
}

/** The agent's confirmation of the server's half; null when that half proved nothing. */
async function answered(agent: AgentLink, session: DeviceSession, hello: unknown) {
  const answer = accepted(HealAnswer, await session.post('heal', hello))
  const verified = await agent.call({ call: 'heal-answer', answer })
  return verified.ok ? verified.value.confirm : null
}
