import { Button, CommandText, exactText, hiddenText, Panel, timeOfDayText } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import { useState } from 'react'

type Denied = SessionDetail['denied'][number]

/** More than these are shown when somebody asks. */
const SHOWN_AT_FIRST = 8

/** Programs that were kept from starting: when, what, and by which rule. */
export function DeniedPanel({ detail }: { readonly detail: SessionDetail }) {
  const { denied, deniedCount } = detail
  const [showsAll, setShowsAll] = useState(false)
  const shown = showsAll ? denied : denied.slice(0, SHOWN_AT_FIRST)
  return (
    <Panel title="Denied" about={aboutText(detail)} flush>
      {denied.length === 0 ? (
        <p className="c-nothing">{nothingText(detail)}</p>
      ) : (
        <ul className="c-denied" aria-label="Denied programs">
          {shown.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same start can be denied again in the same millisecond; the order never changes
            <DeniedStart key={at} denied={one} />
          ))}
        </ul>
      )}
      {shown.length < denied.length && (
        <div className="st-table-more">
          <Button variant="subtle" size="xs" onClick={() => setShowsAll(true)}>
            Show {deniedCount > denied.length ? `the first ${denied.length}` : `all ${denied.length}`}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function DeniedStart({ denied }: { readonly denied: Denied }) {
  const { at, program, args, argsCut, redacted, rule, repeated, pid, uid } = denied
  const when = Date.parse(at)
  const hidden = hiddenText(redacted)
  return (
    <li>
      <time className="c-found-time st-num" dateTime={at} title={exactText(when)}>
        {timeOfDayText(when)}
      </time>
      <div className="c-found">
        <p className="st-mono c-break">
          <span className="st-strong">{program}</span>{' '}
          <CommandText text={args.slice(1).join(' ')} redacted={redacted} />
          {argsCut && ' …'}
        </p>
        <p className="c-found-meta">
          {rule === null ? (
            <span>No rule allows it</span>
          ) : (
            <span>
              Rule <span className="st-mono">{rule}</span>
            </span>
          )}
          <span>
            process {pid}, uid {uid}
          </span>
          {repeated > 0 && (
            <span>
              tried {repeated.toLocaleString('en')} more time{repeated === 1 ? '' : 's'}
            </span>
          )}
          {hidden && <span>{hidden}</span>}
        </p>
      </div>
    </li>
  )
}

function aboutText({ denied, deniedCount }: SessionDetail): string {
  if (deniedCount === 0) return 'Programs that a rule of the policy kept from starting.'
  const many = `${deniedCount.toLocaleString('en')} start${deniedCount === 1 ? '' : 's'} kept from happening`
  return denied.length < deniedCount ? `${many}; the first ${denied.length} are listed.` : `${many}.`
}

function nothingText({ denying, summary }: SessionDetail): string {
  if (denying === 'no rules') return 'The policy had no rules for programs, so everything could start.'
  return summary.state === 'live' ? 'Nothing has been denied so far.' : 'Nothing was denied.'
}
