import { type ChangeKind, changeKindLabels, changeKinds } from '@stint/elevation'
import { exactText, Notice, Panel, StatusBadge, timeOfDayText } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'

type Changes = NonNullable<SessionDetail['changes']>
type Change = Changes['items'][number]

/** What is not as it was before the session, by kind; and what could not be looked at. */
export function ChangesPanel({ detail }: { readonly detail: SessionDetail }) {
  const { changes, summary } = detail
  return (
    <Panel title="What changed" about="Compared by the computer, before and after the session." flush>
      {changes === null ? (
        <p className="c-nothing">
          {summary.state === 'live'
            ? 'The computer compares when the session has ended.'
            : 'The computer has not reported a comparison.'}
        </p>
      ) : (
        <>
          {changes.items.length === 0 ? (
            <p className="c-nothing">
              {changes.unread.length === 0
                ? 'Nothing that Stint compares is different from before.'
                : 'Nothing that could be compared is different from before.'}
            </p>
          ) : (
            byKind(changes).map(([kind, items]) => <KindOfChange key={kind} kind={kind} items={items} />)
          )}
          <NotSeen changes={changes} />
        </>
      )}
    </Panel>
  )
}

function KindOfChange({ kind, items }: { readonly kind: ChangeKind; readonly items: readonly Change[] }) {
  return (
    <section className="c-changes">
      <h3>
        {changeKindLabels[kind]} <span className="c-changes-count">{items.length}</span>
      </h3>
      <ul>
        {items.map((change, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one thing may be listed twice; the order never changes
          <ChangedThing key={at} change={change} />
        ))}
      </ul>
    </section>
  )
}

function ChangedThing({ change }: { readonly change: Change }) {
  const { what, before, after, undone } = change
  return (
    <li>
      <div className="c-found">
        <p className="st-mono st-strong c-break">{what}</p>
        <p className="c-break">
          {before === null ? (
            'New: '
          ) : (
            <>
              {before}{' '}
              <span className="c-arrow" role="img" aria-label="became">
                →
              </span>{' '}
            </>
          )}
          {after ?? 'removed'}
        </p>
        <p className="c-found-meta">
          <When change={change} />
        </p>
      </div>
      {undone === 'not-asked' ? (
        <span className="c-left-so">Not put back</span>
      ) : (
        <StatusBadge tone={undone === 'undone' ? 'good' : 'bad'} plain>
          {undone === 'undone' ? 'Put back' : 'Could not be put back'}
        </StatusBadge>
      )}
    </li>
  )
}

/** When, and which programs may have done it: those that ran at that time. */
function When({ change: { at, during } }: { readonly change: Change }) {
  if (at === null) return <span>When is not known</span>
  const when = Date.parse(at)
  const names = during.map(({ program, pid }) => `${program.split('/').at(-1) ?? program} (${pid})`)
  return (
    <>
      <time className="st-num" dateTime={at} title={exactText(when)}>
        {timeOfDayText(when)}
      </time>
      <span title={during.map(({ program }) => program).join(', ')}>{duringText(names)}</span>
    </>
  )
}

function duringText(names: readonly string[]): string {
  if (names.length === 0) return 'no recorded program ran then'
  return names.length === 1 ? `while ${names[0]} ran` : `while these ran: ${names.join(', ')}`
}

/** What the comparison does not tell. */
function NotSeen({ changes: { unread, cut } }: { readonly changes: Changes }) {
  if (unread.length === 0 && !cut) return null
  return (
    <div className="c-setting-note">
      <Notice
        tone="warn"
        title={cut ? 'More changed than is listed here' : 'Not everything could be compared'}
      >
        {unread.length > 0 && (
          <ul className="c-bullets">
            {unread.map((place) => (
              <li key={place}>{place}</li>
            ))}
          </ul>
        )}
      </Notice>
    </div>
  )
}

/** In the order of the list of kinds; kinds without a change are left out. */
function byKind({ items }: Changes): readonly (readonly [ChangeKind, readonly Change[]])[] {
  return changeKinds
    .map((kind) => [kind, items.filter((item) => item.kind === kind)] as const)
    .filter(([, found]) => found.length > 0)
}
