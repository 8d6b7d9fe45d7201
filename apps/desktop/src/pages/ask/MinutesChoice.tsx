import { minutesText } from '@stint/ui'
import { useId } from 'react'

interface MinutesChoiceProps {
  readonly value: number
  readonly onChange: (minutes: number) => void
  /** What the policy gives when nobody says otherwise, in minutes. */
  readonly usual: number
  /** The longest the policy allows, in minutes. */
  readonly ceiling: number
}

const steps = [5, 15, 30, 60, 120, 240, 480, 1440]

/** Some lengths to choose from: the usual one, common ones, and the longest that is allowed. */
function choices(usual: number, ceiling: number): readonly number[] {
  const allowed = steps.filter((step) => step <= ceiling)
  return [...new Set([...allowed, Math.min(usual, ceiling), ceiling])].sort((a, b) => a - b)
}

/** For how long. */
export function MinutesChoice({ value, onChange, usual, ceiling }: MinutesChoiceProps) {
  const name = useId()
  return (
    <fieldset className="dt-minutes">
      <legend>For how long?</legend>
      <div className="dt-minutes-row">
        {choices(usual, ceiling).map((minutes) => (
          <label key={minutes} className="dt-minutes-choice">
            <input
              type="radio"
              name={name}
              checked={minutes === value}
              onChange={() => onChange(minutes)}
              value={minutes}
            />
            <span>{minutesText(minutes)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
