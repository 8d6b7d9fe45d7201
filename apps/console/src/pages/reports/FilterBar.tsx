import { Button, Select, TextInput, useShortcuts } from '@stint/ui'
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { FilterFields } from './FilterFields.tsx'
import type { Ranking } from './kind.ts'
import { exactPeriod, periodChoice, periodPresets } from './period.ts'
import { type FilterName, filterChoices, filterLabels, type ReportSearch } from './search.ts'
import { useReportSearch } from './useReportSearch.ts'

interface FilterBarProps {
  readonly has: readonly FilterName[]
  readonly hasPeriod: boolean
  readonly rankings: readonly Ranking[]
  /** What a chosen id is called, where that is known. */
  readonly nameOf: (name: FilterName, value: string) => string
  readonly saved: ReactNode
}

/** What the report is narrowed to. All of it stands in the address. */
export function FilterBar({ has, hasPeriod, rankings, nameOf, saved }: FilterBarProps) {
  const { search, change, clear } = useReportSearch()
  const [open, setOpen] = useState(false)
  const toggle = useRef<HTMLButtonElement>(null)
  useShortcuts({
    f: () => {
      setOpen(!open)
      toggle.current?.focus()
    },
  })
  const chosen = has.filter((name) => name !== 'text' && search[name] !== undefined)
  const others = has.filter((name) => name !== 'text')
  return (
    <section className="c-filters" aria-label="Filters">
      <div className="c-filters-row">
        {hasPeriod && <PeriodPicker />}
        {has.includes('text') && <TextFilter key={search.text ?? ''} search={search} onChange={change} />}
        {others.length > 0 && (
          <Button
            ref={toggle}
            variant="default"
            leftSection={<IconFilter size={16} />}
            onClick={() => setOpen(!open)}
            aria-expanded={open}
            aria-keyshortcuts="f"
          >
            Filters{chosen.length > 0 && ` (${chosen.length})`}
          </Button>
        )}
        {saved}
      </div>
      {open && <FilterFields has={others} rankings={rankings} nameOf={nameOf} />}
      {chosen.length > 0 && (
        <ul className="c-chips" aria-label="Chosen filters">
          {chosen.map((name) => (
            <li key={name}>
              <Chip
                label={`${filterLabels[name]}: ${valueText(name, search[name] ?? '', nameOf)}`}
                onRemove={() => change({ [name]: undefined })}
              />
            </li>
          ))}
          <li>
            <Button variant="subtle" size="xs" onClick={clear}>
              Clear all
            </Button>
          </li>
        </ul>
      )}
    </section>
  )
}

function valueText(name: FilterName, value: string, nameOf: FilterBarProps['nameOf']): string {
  return filterChoices[name]?.find((choice) => choice.value === value)?.label ?? nameOf(name, value)
}

function Chip({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) {
  return (
    <button
      type="button"
      className="c-chip"
      onClick={onRemove}
      title={label}
      aria-label={`${label}, take away`}
    >
      <span className="st-cut">{label}</span>
      <IconX size={14} aria-hidden="true" />
    </button>
  )
}

function PeriodPicker() {
  const { search, change } = useReportSearch()
  const choice = periodChoice(search)
  const pick = (value: string | null) => {
    if (value === null) return
    change({ period: value, ...(value === exactPeriod ? {} : { from: undefined, to: undefined }) })
  }
  return (
    <>
      <Select
        className="c-period"
        aria-label="Period"
        data={[
          ...periodPresets.map(({ value, label }) => ({ value, label })),
          { value: exactPeriod, label: 'Exact days…' },
        ]}
        value={choice}
        onChange={pick}
        allowDeselect={false}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      />
      {choice === exactPeriod && (
        <div className="c-days">
          <TextInput
            type="date"
            aria-label="From, this day too"
            value={search.from ?? ''}
            max={search.to}
            onChange={(event) => change({ from: event.currentTarget.value || undefined })}
          />
          <span className="st-muted">to</span>
          <TextInput
            type="date"
            aria-label="To, this day too"
            value={search.to ?? ''}
            min={search.from}
            onChange={(event) => change({ to: event.currentTarget.value || undefined })}
          />
        </div>
      )}
    </>
  )
}

interface TextFilterProps {
  readonly search: ReportSearch
  readonly onChange: (to: { readonly text: string | undefined }) => void
}

/** Asked when it is whole: on Enter, and when the field is left. */
function TextFilter({ search, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(search.text ?? '')
  const commit = () => {
    const text = typed.trim()
    if (text !== (search.text ?? '')) onChange({ text: text === '' ? undefined : text })
  }
  return (
    <form
      className="c-filter-text"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        commit()
      }}
    >
      <TextInput
        type="search"
        aria-label="Text"
        placeholder="Find in names, reasons, paths…"
        leftSection={<IconSearch size={16} />}
        maxLength={200}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
      />
    </form>
  )
}
