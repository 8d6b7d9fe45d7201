import { NumberInput, SegmentedControl, Select, TextInput } from '@stint/ui'
import type { ScheduleTime } from '@stint/wire/report-schedules'
import { coveredTexts, weekdays } from './words.ts'

interface TimeFieldsProps {
  readonly when: ScheduleTime
  readonly onChange: (when: ScheduleTime) => void
}

/** How often, on which day, at what time, and by whose clocks. */
export function TimeFields({ when, onChange }: TimeFieldsProps) {
  const { time, zone } = when
  const every = (name: string) => {
    if (name === 'daily') onChange({ every: 'daily', time, zone })
    if (name === 'weekly') onChange({ every: 'weekly', weekday: 1, time, zone })
    if (name === 'monthly') onChange({ every: 'monthly', day: 1, time, zone })
  }
  return (
    <fieldset className="c-plain-fieldset st-stack" data-gap="3">
      <legend>When</legend>
      <SegmentedControl
        fullWidth
        data={[
          { value: 'daily', label: 'Daily' },
          { value: 'weekly', label: 'Weekly' },
          { value: 'monthly', label: 'Monthly' },
        ]}
        value={when.every}
        onChange={every}
        aria-label="How often"
      />
      <div className="c-form-three">
        {when.every === 'weekly' && (
          <Select
            label="Day"
            data={weekdays.map((name, at) => ({ value: String(at + 1), label: name }))}
            value={String(when.weekday)}
            onChange={(day) => onChange({ ...when, weekday: Number(day) })}
            allowDeselect={false}
          />
        )}
        {when.every === 'monthly' && (
          <NumberInput
            label="Day of the month"
            min={1}
            max={28}
            value={when.day}
            onChange={(day) => onChange({ ...when, day: Number(day) || 1 })}
          />
        )}
        <TextInput
          label="Time"
          type="time"
          required
          value={time}
          onChange={(event) =>
            event.currentTarget.value && onChange({ ...when, time: event.currentTarget.value })
          }
        />
        <Select
          label="Time zone"
          data={zonesWith(zone)}
          value={zone}
          onChange={(next) => next && onChange({ ...when, zone: next })}
          searchable
          allowDeselect={false}
          limit={60}
          nothingFoundMessage="No such time zone"
        />
      </div>
      <p className="c-hint">Covers {coveredTexts[when.every]}, on the clocks of that time zone.</p>
    </fieldset>
  )
}

function zonesWith(zone: string): string[] {
  return [...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])]
}
