import { spell } from '@stint/code'
import { Button, CodeDisplay, minutesText } from '@stint/ui'
import type { CodeIssued, RequestView } from '@stint/wire/console'
import { useEffect, useRef } from 'react'

interface IssuedCodeProps {
  readonly request: RequestView
  readonly issued: CodeIssued
  /** When it was last asked for, milliseconds. */
  readonly shownAt: number
  readonly pending: boolean
  readonly onShowAgain: () => void
  readonly onNext: () => void
}

export function IssuedCode({ request, issued, shownAt, pending, onShowAgain, onNext }: IssuedCodeProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="st-stack">
      <div>
        <h2 ref={heading} tabIndex={-1} className="c-issued-title">
          Read this to {request.userName}
        </h2>
        <p className="st-muted">
          It gives {minutesText(issued.minutes)} on {request.device.name}, once, for this request only.{' '}
          {issued.endProcesses
            ? 'Elevated programs are ended when the time is up.'
            : 'Elevated programs keep running when the time is up.'}
        </p>
      </div>
      <CodeDisplay
        label="Response code"
        text={issued.text}
        spell={spell}
        digits={issued.digits}
        words={issued.words}
        shownAt={shownAt}
        hide={{
          afterSeconds: issued.hideAfterSeconds,
          onShowAgain,
          pending,
          note: 'Showing it again is recorded.',
        }}
      />
      <div className="st-row">
        <Button onClick={onNext}>Answer the next call</Button>
      </div>
    </div>
  )
}
