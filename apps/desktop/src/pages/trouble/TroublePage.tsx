import { Skeleton } from '@stint/ui'
import type { Failure } from '@stint/wire/user-page'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { StateTitle } from '../../ui/StateTitle.tsx'

const notRunning: Pick<Failure, 'code' | 'message' | 'hint'> = {
  code: 'agent-not-running',
  message: 'The Stint agent is not running on this computer.',
  hint: 'Nothing can be asked for until it runs. Tell your administrator. This page goes on by itself when it is back.',
}

export const notEnrolled: Failure = {
  kind: 'refused',
  code: 'not-enrolled',
  message: 'This computer is not connected to a Stint server yet.',
  hint: 'Ask your administrator to enrol it. This page goes on by itself afterwards.',
}

/** Nothing can be done here: what is wrong and what to do. `failure` null: the agent is not running. */
export function TroublePage({ failure }: { readonly failure: Failure | null }) {
  const { code, message, hint } = failure ?? notRunning
  return (
    <section className="dt-card dt-trouble" role="alert">
      <IconPlugConnectedX size={28} aria-hidden="true" />
      <StateTitle about={<CommandText text={hint} />}>{message}</StateTitle>
      <p className="st-faint st-small">
        Code <span className="st-mono">{code}</span>
      </p>
    </section>
  )
}

/** A sentence with its `commands` set as such. */
export function CommandText({ text }: { readonly text: string }) {
  const parts = text.split('`')
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never change places
  return <p>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</p>
}

export function Connecting() {
  return (
    <section className="dt-card" aria-busy="true" aria-label="Connecting to your computer">
      <Skeleton height={28} width="60%" />
      <Skeleton height={16} width="85%" mt={12} />
      <Skeleton height={120} mt={28} />
      <Skeleton height={40} width="40%" mt={28} />
    </section>
  )
}
