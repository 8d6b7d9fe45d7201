import { type LedgerType, ledgerTypes } from '@stint/elevation'
import { Checkbox, SegmentedControl } from '@stint/ui'
import { ledgerTexts } from '../../ui/ledger-texts.ts'

interface FactTypesProps {
  /** Null: all. */
  readonly types: readonly LedgerType[] | null
  readonly onChange: (types: readonly LedgerType[] | null) => void
}

/** All facts, or only some kinds of them. */
export function FactTypes({ types, onChange }: FactTypesProps) {
  return (
    <fieldset className="c-plain-fieldset">
      <legend>Facts</legend>
      <SegmentedControl
        fullWidth
        data={[
          { value: 'all', label: 'All, also kinds to come' },
          { value: 'some', label: 'Only some' },
        ]}
        value={types === null ? 'all' : 'some'}
        onChange={(choice) => onChange(choice === 'all' ? null : [])}
        aria-label="Facts"
      />
      {types !== null && (
        <Checkbox.Group
          value={[...types]}
          onChange={(chosen) => onChange(ledgerTypes.filter((type) => chosen.includes(type)))}
          aria-label="Kinds of facts"
        >
          <div className="c-fact-types">
            {ledgerTypes.map((type) => (
              <Checkbox key={type} size="xs" value={type} label={ledgerTexts[type]} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </fieldset>
  )
}
