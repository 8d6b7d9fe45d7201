import { minutesText, NumberInput, SettingRow, Switch, TextInput } from '@stint/ui'
import type { Field } from './fields.ts'
import type { Value } from './values.ts'

interface FieldRowProps {
  readonly field: Field
  readonly value: Value
  readonly changed: boolean
  readonly disabled: boolean
  readonly mistake: string | undefined
  readonly onChange: (value: Value) => void
}

/** One setting with the control of its kind. */
export function FieldRow({ field, value, changed, disabled, mistake, onChange }: FieldRowProps) {
  const id = `setting-${field.name.replace('.', '-')}`
  return (
    <SettingRow label={field.label} about={field.about} htmlFor={id} changed={changed}>
      {field.kind === 'switch' ? (
        <Switch
          id={id}
          checked={value === true}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.checked)}
          label={<span aria-hidden="true">{value === true ? field.on : field.off}</span>}
          aria-describedby={`${id}-about`}
        />
      ) : field.kind === 'number' ? (
        <NumberInput
          id={id}
          value={typeof value === 'number' ? value : ''}
          disabled={disabled}
          allowDecimal={false}
          allowNegative={false}
          suffix={` ${field.unit}`}
          onChange={(next) => onChange(typeof next === 'number' ? next : 0)}
          error={mistake}
          aria-describedby={`${id}-about`}
          {...(field.unit === 'minutes' && typeof value === 'number' && value > 60
            ? { description: `= ${minutesText(value)}` }
            : {})}
          inputWrapperOrder={['input', 'description', 'error']}
        />
      ) : (
        <TextInput
          id={id}
          type={field.type}
          value={String(value)}
          disabled={disabled}
          placeholder={field.placeholder}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={mistake}
          aria-describedby={`${id}-about`}
        />
      )}
    </SettingRow>
  )
}
