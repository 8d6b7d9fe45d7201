import { Button, Notice, RelativeTime, type Tone } from '@stint/ui'
import type { UserStatus } from '@stint/wire/local-user'
import { useState } from 'react'

type Decision = NonNullable<UserStatus['lastDecision']>

const titles: Record<Decision['state'], string> = {
  denied: 'Your last request was denied',
  expired: 'Your last request ran out before anybody answered',
  withdrawn: 'You took your last request back',
  void: 'Your last request takes no more answers',
  approved: 'Your last request was approved',
  pending: 'Your last request is open',
}
const tones: Partial<Record<Decision['state'], Tone>> = { denied: 'bad', expired: 'warn', void: 'warn' }

const nextStep: Partial<Record<Decision['state'], string>> = {
  denied: ' Speak with the approver, or ask again and say more.',
  void: ' Ask again for a new request code.',
}

/** How the last request ended when it gave no rights, until the person puts it away. */
export function LastDecision({ decision }: { readonly decision: Decision }) {
  const place = `stint-seen-${decision.requestId}`
  const [seen, setSeen] = useState(() => sessionStorage.getItem(place) !== null)
  const tone = tones[decision.state]
  if (seen || tone === undefined) return null
  const putAway = () => {
    sessionStorage.setItem(place, decision.state)
    setSeen(true)
  }
  return (
    <Notice
      tone={tone}
      title={titles[decision.state]}
      action={
        <Button variant="subtle" size="xs" onClick={putAway}>
          Put away
        </Button>
      }
    >
      {decision.note !== '' && <blockquote className="dt-note">{decision.note}</blockquote>}
      <p className="st-muted st-small">
        {decision.state === 'denied' ? 'Answered' : 'Ended'} <RelativeTime at={decision.at} quiet />.
        {nextStep[decision.state]}
      </p>
    </Notice>
  )
}
