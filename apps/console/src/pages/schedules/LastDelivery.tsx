import { type DeliveryState, deliveryStateLabels } from '@stint/elevation'
import { RelativeTime, StatusBadge, type Tone } from '@stint/ui'
import type { Delivery } from '@stint/wire/report-schedules'

const tones: Readonly<Record<DeliveryState, Tone>> = {
  waiting: 'wait',
  sending: 'wait',
  sent: 'good',
  failed: 'bad',
  uncertain: 'warn',
}

/** What became of the last one: sent, or why not and when it is tried again. */
export function LastDelivery({ delivery }: { readonly delivery: Delivery | null }) {
  if (delivery === null) return <span className="st-faint">Nothing yet</span>
  const { state, lastError, nextTryAt, sentAt, attempts, test } = delivery
  const isTriedAgain = state === 'waiting' && attempts > 0
  return (
    <span className="c-delivery">
      <span>
        <StatusBadge tone={isTriedAgain ? 'warn' : tones[state]} plain>
          {isTriedAgain ? 'Not sent yet' : deliveryStateLabels[state]}
        </StatusBadge>{' '}
        {sentAt && <RelativeTime at={sentAt} quiet />}
        {test && <span className="st-muted">, asked for by hand</span>}
      </span>
      {lastError && state !== 'sent' && <span className="st-small st-muted">{lastError}</span>}
      {nextTryAt && (
        <span className="st-small st-muted">
          {attempts} {attempts === 1 ? 'try' : 'tries'}, again <RelativeTime at={nextTryAt} quiet />
        </span>
      )}
    </span>
  )
}
