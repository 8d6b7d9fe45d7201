import { Select, TextInput } from '@stint/ui'
import { useState } from 'react'
import { useDevices } from '../../api/devices.ts'
import type { Ranking } from './kind.ts'
import { type FilterName, filterChoices, filterLabels } from './search.ts'
import { useReportSearch } from './useReportSearch.ts'

interface FilterFieldsProps {
  readonly has: readonly FilterName[]
  readonly rankings: readonly Ranking[]
  readonly nameOf: (name: FilterName, value: string) => string
}

/** Every filter of the report besides period and text, one field each. */
export function FilterFields({ has, rankings, nameOf }: FilterFieldsProps) {
  const { search, change } = useReportSearch()
  const known = useKnown(rankings)
  return (
    <div className="c-filter-fields">
      {has.map((name) =>
        name === 'program' || name === 'session' ? (
          <ExactField
            key={`${name} ${search[name] ?? ''}`}
            name={name}
            value={search[name] ?? ''}
            onCommit={(value) => change({ [name]: value })}
          />
        ) : (
          <Select
            key={name}
            label={filterLabels[name]}
            placeholder="All"
            searchable={filterChoices[name] === undefined}
            clearable
            clearButtonProps={{ 'aria-label': `All of ${filterLabels[name]}` }}
            nothingFoundMessage="Not among those seen lately. The text search finds more."
            data={withChosen(filterChoices[name] ?? known[name] ?? [], search[name], (value) =>
              nameOf(name, value),
            )}
            value={search[name] ?? null}
            onChange={(value) => change({ [name]: value ?? undefined })}
          />
        ),
      )}
    </div>
  )
}

interface Choice {
  readonly value: string
  readonly label: string
}

function withChosen(choices: readonly Choice[], chosen: string | undefined, say: (value: string) => string) {
  const isThere = chosen === undefined || choices.some(({ value }) => value === chosen)
  return isThere ? [...choices] : [...choices, { value: chosen, label: say(chosen) }]
}

/** Computers, their users, and whoever is among the most in what is shown. */
function useKnown(rankings: readonly Ranking[]): Partial<Record<FilterName, readonly Choice[]>> {
  const { items: devices = [] } = useDevices()
  const ranked = (name: FilterName): readonly Choice[] =>
    rankings.find(({ filter }) => filter === name)?.rows.map(({ id, label }) => ({ value: id, label })) ?? []
  const users = devices.flatMap((device) =>
    device.users.map((user) => ({ value: user.userId, label: `${user.name} (${device.name})` })),
  )
  return {
    device: distinct([...devices.map(({ id, name }) => ({ value: id, label: name })), ...ranked('device')]),
    user: distinct([...users, ...ranked('user')]),
    approver: distinct(ranked('approver')),
  }
}

function distinct(choices: readonly Choice[]): readonly Choice[] {
  return [...new Map(choices.toReversed().map((choice) => [choice.value, choice])).values()].reverse()
}

interface ExactFieldProps {
  readonly name: 'program' | 'session'
  readonly value: string
  readonly onCommit: (value: string | undefined) => void
}

function ExactField({ name, value, onCommit }: ExactFieldProps) {
  const [typed, setTyped] = useState(value)
  const commit = () => {
    if (typed.trim() !== value) onCommit(typed.trim() || undefined)
  }
  return (
    <TextInput
      label={filterLabels[name]}
      placeholder={name === 'program' ? 'Whole path, /usr/bin/…' : 'Id of a session'}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
      spellCheck={false}
      autoComplete="off"
    />
  )
}
