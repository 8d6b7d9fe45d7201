import { Fault, type Refusal } from '@stint/elevation'
import { EnrolWelcome } from '@stint/wire/device'
import { accepted, acceptedEmpty, ServerRefusal } from './answer.ts'
import { post } from './device-session.ts'
import type { AgentLink, ServerLink } from './links.ts'

/**
 * Carries one enrolment as far as it goes: hello, welcome, confirmation, each made or verified by the agent. A "no"
 * for good, of either side, and an address that cannot be used are told to the person. Throws what may pass: `ServerRefusal`, the `Fault`s of the links.
 */
export async function carryEnrolment(
  agent: AgentLink,
  server: ServerLink,
  addressOf: () => string,
): Promise<void> {
  const offer = await agent.call({ call: 'enrol-hello' })
  if (!offer.ok) return
  try {
    const address = addressOf()
    const confirm = offer.value.confirm ?? (await welcomed(agent, server, address, offer.value.hello))
    if (confirm === null) return
    acceptedEmpty(await post(server, address, 'enrol/confirm', confirm))
  } catch (error) {
    if (error instanceof ServerRefusal && error.lasting) return tell(agent, error.code, error.title)
    if (error instanceof Fault && error.code === 'server-address')
      return tell(agent, error.code, error.message)
    throw error
  }
  await agent.call({ call: 'enrolled' })
}

/** The confirmation that the agent makes of the server's welcome; null when the welcome proved nothing. */
async function welcomed(agent: AgentLink, server: ServerLink, address: string, hello: unknown) {
  const welcome = accepted(EnrolWelcome, await post(server, address, 'enrol', hello))
  const verified = await agent.call({ call: 'enrol-welcome', welcome })
  if (verified.ok) return verified.value.confirm
  const { code, message }: Refusal = verified.refused
  await tell(agent, code, message)
  return null
}

/** A server's words may hold anything that a `Text` may not; those are left out, the code is ours. */
async function tell(agent: AgentLink, code: string, title: string): Promise<void> {
  const message = title.replaceAll(/\p{Cc}/gu, ' ')
  await agent.call({ call: 'enrol-refused', code: code.slice(0, 64), message })
}
