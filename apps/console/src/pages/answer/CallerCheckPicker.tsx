import { type CallerCheck, callerCheckLabels, callerChecks } from '@stint/elevation'
import { KeyHint } from '@stint/ui'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'

interface CallerCheckPickerProps {
  readonly value: CallerCheck | null
  readonly onChange: (check: CallerCheck) => void
}

/** How the approver knows who is calling; kept as evidence. Keys 1 to 5 choose. Takes the focus when it appears. */
export function CallerCheckPicker({ value, onChange }: CallerCheckPickerProps) {
  const name = useId()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus({ preventScroll: true }), [])
  const onKeyDown = (event: KeyboardEvent) => {
    const check = callerChecks[Number(event.key) - 1]
    if (check) onChange(check)
  }
  return (
    <fieldset className="c-checks" onKeyDown={onKeyDown}>
      <legend>How do you know who is calling?</legend>
      {callerChecks.map((check, i) => (
        <label key={check} className="c-check">
          <input
            ref={i === 0 ? first : undefined}
            type="radio"
            name={name}
            checked={value === check}
            onChange={() => onChange(check)}
            // Focus alone chooses nothing: this is a statement, not a default.
            tabIndex={value === null ? (i === 0 ? 0 : -1) : undefined}
          />
          <span>{callerCheckLabels[check]}</span>
          <KeyHint keys={String(i + 1)} />
        </label>
      ))}
    </fieldset>
  )
}
