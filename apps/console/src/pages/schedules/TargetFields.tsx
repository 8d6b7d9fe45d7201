import { SegmentedControl, Textarea, TextInput } from '@stint/ui'
import type { DeliveryMeans, ScheduleTarget } from '@stint/wire/report-schedules'
import { useState } from 'react'

interface TargetFieldsProps {
  readonly means: DeliveryMeans
  readonly target: ScheduleTarget
  readonly onChange: (target: ScheduleTarget) => void
}

/** Where it goes: only what this server was started with can be chosen. */
export function TargetFields({ means, target, onChange }: TargetFieldsProps) {
  const [addresses, setAddresses] = useState(target.kind === 'email' ? target.to.join('\n') : '')
  const write = (text: string) => {
    setAddresses(text)
    onChange({ kind: 'email', to: text.split(/[\s,;]+/).filter(Boolean) })
  }
  return (
    <fieldset className="c-plain-fieldset st-stack" data-gap="3">
      <legend>Where to</legend>
      {means.email && means.folder && (
        <SegmentedControl
          fullWidth
          data={[
            { value: 'email', label: 'By e-mail' },
            { value: 'folder', label: 'Into a folder' },
          ]}
          value={target.kind}
          onChange={(kind) => (kind === 'email' ? write(addresses) : onChange({ kind: 'folder', path: '' }))}
          aria-label="Where to"
        />
      )}
      {target.kind === 'email' ? (
        <Textarea
          label="Addresses"
          description={`One in a line, at most 20. Sent from ${means.email?.from ?? 'the server'}. Whoever gets it sees names and programs.`}
          required
          autosize
          minRows={2}
          value={addresses}
          onChange={(event) => write(event.currentTarget.value)}
          spellCheck={false}
        />
      ) : (
        <TextInput
          label="Folder below the report folder"
          description="Letters, digits, dots and dashes, such as audit/weekly. Empty for the report folder itself."
          maxLength={200}
          value={target.path}
          onChange={(event) => onChange({ kind: 'folder', path: event.currentTarget.value })}
          spellCheck={false}
        />
      )}
    </fieldset>
  )
}
