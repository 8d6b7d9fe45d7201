import { Button } from '@mantine/core'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { CopyButton } from '../form/CopyField.tsx'
import { Countdown } from '../time/Countdown.tsx'
import { useClock } from '../time/clock.tsx'
import { minutesText, spanText } from '../time/format.ts'
import { type Spell, spelledGroups, spokenCode } from './spelled.ts'

export interface CodeHiding {
  /** The code leaves the page after this long. */
  readonly afterSeconds: number
  /** The person wants it back. Whoever answers gives a new `shownAt` (and may have recorded it). */
  readonly onShowAgain: () => void
  readonly pending?: boolean
  /** What showing again does, said beside the button. */
  readonly note?: string
}

export interface CodeDisplayProps {
  readonly label: string
  /** Groups of symbols joined by `-`, as it is read aloud. */
  readonly text: string
  readonly spell: Spell
  /** The same value for telephone keypads. */
  readonly digits?: string
  /** The same value as whole words. */
  readonly words?: readonly string[]
  readonly hide?: CodeHiding
  /** Changes whenever the code is to be seen (again): restarts the time until it is hidden. */
  readonly shownAt?: number
}

/** A request or response code, to be read aloud: every symbol large, its spelling word under it. */
export function CodeDisplay({ label, text, spell, digits, words, hide, shownAt = 0 }: CodeDisplayProps) {
  const { hidden, hidesAt, hideNow } = useHiding(hide?.afterSeconds, `${text} ${shownAt}`)
  if (hide && hidden) return <HiddenCode label={label} hide={hide} />
  return (
    <section className="st-code" aria-label={label}>
      <header className="st-code-head">
        <h3 className="st-code-label">{label}</h3>
        <CopyButton value={text} label={`Copy ${label.toLowerCase()}`} />
      </header>
      <p className="st-sr">{spokenCode(text, spell)}</p>
      <CodeSymbols text={text} spell={spell} />
      {(digits ?? words) && (
        <dl className="st-code-also">
          {digits && (
            <div>
              <dt>In digits</dt>
              <dd className="st-mono st-num">{digits}</dd>
            </div>
          )}
          {words && words.length > 0 && (
            <div>
              <dt>In words</dt>
              <dd>{words.join(' ')}</dd>
            </div>
          )}
        </dl>
      )}
      {hide && (
        <footer className="st-code-foot">
          <span>
            Hidden in <Countdown until={hidesAt} label="The code is hidden in" />
          </span>
          <Button variant="subtle" size="xs" leftSection={<IconEyeOff size={16} />} onClick={hideNow}>
            Hide now
          </Button>
        </footer>
      )}
    </section>
  )
}

/** The symbols alone, grouped, each with its word. Nothing for screen readers: say the code beside it. */
export function CodeSymbols({ text, spell }: { readonly text: string; readonly spell: Spell }) {
  return (
    <div className="st-code-groups" aria-hidden="true">
      {spelledGroups(text, spell).map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the groups of one code never change places
        <div className="st-code-group" key={at}>
          {group.map(({ symbol, word }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: neither do its symbols
            <span className="st-code-cell" key={i}>
              <span className="st-code-symbol" data-digit={/\d/.test(symbol) || undefined}>
                {symbol}
              </span>
              <span className="st-code-word">{word}</span>
            </span>
          ))}
        </div>
      ))}
    </div>
  )
}

function HiddenCode({ label, hide }: { readonly label: string; readonly hide: CodeHiding }) {
  const span =
    hide.afterSeconds % 60 === 0 ? minutesText(hide.afterSeconds / 60) : spanText(hide.afterSeconds * 1000)
  return (
    <section className="st-code st-code-hidden" aria-label={label}>
      <h3>{label} hidden</h3>
      <p className="st-muted">
        It was on the screen for up to {span}. {hide.note ?? 'The same code can be shown again.'}
      </p>
      <Button
        variant="default"
        leftSection={<IconEye size={16} />}
        loading={hide.pending ?? false}
        onClick={hide.onShowAgain}
      >
        Show again
      </Button>
    </section>
  )
}

function useHiding(afterSeconds: number | undefined, shown: string) {
  const clock = useClock()
  const [hiddenFor, setHiddenFor] = useState('')
  const hidesAt = useRef({ shown: '', at: 0 })
  if (hidesAt.current.shown !== shown) {
    hidesAt.current = { shown, at: clock.now() + (afterSeconds ?? 0) * 1000 }
  }
  useEffect(() => {
    if (afterSeconds === undefined) return
    return clock.every(250, () => {
      if (clock.now() >= hidesAt.current.at) setHiddenFor(shown)
    })
  }, [clock, afterSeconds, shown])
  return { hidden: hiddenFor === shown, hidesAt: hidesAt.current.at, hideNow: () => setHiddenFor(shown) }
}
