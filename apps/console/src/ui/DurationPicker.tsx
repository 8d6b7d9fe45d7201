import { spokenMinutes } from '@stint/code'
import { minutesText } from '@stint/ui'
import { useId } from 'react'

interface DurationPickerProps {
  /** Minutes; one of `durationsUpTo(ceiling)`. */
  readonly value: number
  readonly onChange: (minutes: number) => void
  readonly ceiling: number
  /** What the person asked for, marked among the choices. */
  readonly asked: number | null
  readonly disabled?: boolean
}

/** What can be granted: the lengths a code can carry, never above the ceiling. */
export function durationsUpTo(ceiling: number): readonly number[] {
  return spokenMinutes().filter((minutes) => minutes <= ceiling)
}

/** The longest choice that is not above what was asked; the shortest of all when even that is too long. */
export function nearestDuration(wanted: number, ceiling: number): number {
  const choices = durationsUpTo(ceiling)
  return choices.findLast((minutes) => minutes <= wanted) ?? choices[0] ?? 0
}

/** The lengths as a row of choices; arrows move between them. */
export function DurationPicker({ value, onChange, ceiling, asked, disabled = false }: DurationPickerProps) {
  const name = useId()
  const choices = durationsUpTo(ceiling)
  return (
    <fieldset className="c-durations" disabled={disabled}>
      <legend>For how long</legend>
      <div className="c-durations-row">
        {choices.map((minutes) => (
          <label key={minutes} className="c-duration" data-asked={minutes === asked || undefined}>
            <input
              type="radio"
              name={name}
              value={minutes}
              checked={minutes === value}
              onChange={() => onChange(minutes)}
              aria-label={`${minutesText(minutes)}${minutes === asked ? ', as asked' : ''}`}
            />
            <span aria-hidden="true">{shortMinutes(minutes)}</span>
          </label>
        ))}
      </div>
      <p className="c-hint">
        {asked === null
          ? 'How long they want is on their computer: ask.'
          : `Asked for ${minutesText(asked)}.`}{' '}
        Policy allows up to {minutesText(ceiling)}.
      </p>
    </fieldset>
  )
}

function shortMinutes(minutes: number): string {
  if (minutes < 60) return `${minutes} min`
  if (minutes < 1440) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)}½ h`
  return `${minutes / 1440} d`
}
