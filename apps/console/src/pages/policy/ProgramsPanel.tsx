import type { ProgramRule } from '@stint/elevation'
import { Button, Notice, Panel, SegmentedControl, SettingRow, StatusBadge } from '@stint/ui'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { type Listed, listed } from './listed.ts'
import { RuleDialog } from './RuleDialog.tsx'
import type { Draft } from './useDraft.ts'

interface ProgramsPanelProps {
  readonly draft: Draft
  readonly disabled: boolean
  /** What the server said is wrong with them. */
  readonly mistake: string | undefined
}

type Editing = { readonly rule: ProgramRule | null } | null

/** Which programs may start with raised rights: what no rule names, and the rules. */
export function ProgramsPanel({ draft, disabled, mistake }: ProgramsPanelProps) {
  const [editing, setEditing] = useState<Editing>(null)
  const { programs } = draft.values
  const setRules = (rules: readonly ProgramRule[]) => draft.set('programs.rules', rules)
  const put = (rule: ProgramRule, replaced: ProgramRule | null) => {
    const isNew = replaced === null
    setRules(isNew ? [...programs.rules, rule] : programs.rules.map((one) => (one === replaced ? rule : one)))
    setEditing(null)
  }
  const rows = listed(draft.base.programs.rules, programs.rules, ({ id }) => id)
  return (
    <Panel
      title="Programs"
      about="Which programs may start with raised rights, whoever starts them and whatever was granted."
      flush
    >
      <Otherwise draft={draft} disabled={disabled} />
      <div className="c-setting-list" data-changed={draft.changed.has('programs.rules') || undefined}>
        <div className="c-setting-list-head">
          <div>
            <h3 className="st-setting-label">Rules</h3>
            <p className="st-setting-about">
              A program that any deny rule fits does not start. Their order does not matter: deny wins.
            </p>
          </div>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden="true" />}
            disabled={disabled}
            onClick={() => setEditing({ rule: null })}
          >
            Add a rule
          </Button>
        </div>
        {mistake && (
          <p className="c-bad" role="alert">
            {mistake}
          </p>
        )}
        {rows.length === 0 ? (
          <p className="c-nothing">No rules. Every program starts that the settings above let start.</p>
        ) : (
          <ul className="c-rules" aria-label="Rules for programs">
            {rows.map((row) => (
              <RuleRow
                key={row.key}
                row={row}
                disabled={disabled}
                onEdit={() => setEditing({ rule: row.item })}
                onRemove={() => setRules(programs.rules.filter((rule) => rule !== row.item))}
                onPutBack={() => setRules([...programs.rules, row.item])}
              />
            ))}
          </ul>
        )}
      </div>
      <RuleDialog
        editing={editing}
        otherIds={programs.rules.filter((rule) => rule !== editing?.rule).map(({ id }) => id)}
        onClose={() => setEditing(null)}
        onDone={put}
      />
    </Panel>
  )
}

function Otherwise({ draft, disabled }: Pick<ProgramsPanelProps, 'draft' | 'disabled'>) {
  const { otherwise, rules } = draft.values.programs
  const nothingStarts = otherwise === 'deny' && !rules.some(({ effect }) => effect === 'allow')
  return (
    <>
      <SettingRow
        label="Programs that no rule names"
        about="May they start? “Do not start” turns the rules into a list of what is allowed at all; shells and package managers have to be on it too."
        htmlFor="setting-otherwise"
        changed={draft.changed.has('programs.otherwise')}
      >
        <SegmentedControl
          id="setting-otherwise"
          aria-label="Programs that no rule names"
          fullWidth
          value={otherwise}
          disabled={disabled}
          onChange={(next) => draft.set('programs.otherwise', next)}
          data={[
            { value: 'allow', label: 'Start' },
            { value: 'deny', label: 'Do not start' },
          ]}
        />
      </SettingRow>
      {nothingStarts && (
        <div className="c-setting-note">
          <Notice tone="warn" title="No program can start with raised rights">
            There is no allow rule yet, so nothing is left that may start.
          </Notice>
        </div>
      )}
    </>
  )
}

interface RuleRowProps {
  readonly row: Listed<ProgramRule>
  readonly disabled: boolean
  readonly onEdit: () => void
  readonly onRemove: () => void
  readonly onPutBack: () => void
}

function RuleRow({ row, disabled, onEdit, onRemove, onPutBack }: RuleRowProps) {
  const { item: rule, state } = row
  return (
    <li className="c-rule" data-state={state}>
      <div className="c-rule-effect">
        <StatusBadge tone={rule.effect === 'deny' ? 'bad' : 'good'} plain>
          {rule.effect === 'deny' ? 'Deny' : 'Allow'}
        </StatusBadge>
      </div>
      <div className="c-rule-text">
        <p>
          <span className="c-rule-name">{rule.id}</span>
          {state !== 'same' && <span className="st-setting-mark">{stateTexts[state]}</span>}
        </p>
        <ul className="c-rule-match">
          {matchTexts(rule).map(([what, value]) => (
            <li key={what}>
              {what} <span className="st-mono">{value}</span>
            </li>
          ))}
        </ul>
        {rule.note && <p className="st-small st-muted">“{rule.note}”</p>}
      </div>
      <div className="st-row" data-gap="1">
        {state === 'removed' ? (
          <Button
            variant="subtle"
            size="xs"
            disabled={disabled}
            onClick={onPutBack}
            aria-label={`Put back ${rule.id}`}
          >
            Put back
          </Button>
        ) : (
          <>
            <Button
              variant="subtle"
              size="xs"
              disabled={disabled}
              onClick={onEdit}
              aria-label={`Edit ${rule.id}`}
            >
              Edit
            </Button>
            <Button
              variant="subtle"
              size="xs"
              color="danger"
              disabled={disabled}
              onClick={onRemove}
              aria-label={`Remove ${rule.id}`}
            >
              Remove
            </Button>
          </>
        )}
      </div>
    </li>
  )
}

const stateTexts = { added: 'New', changed: 'Changed', removed: 'Removed when you save' } as const

function matchTexts({ match }: ProgramRule): readonly (readonly [string, string])[] {
  const texts = [
    ['Path', match.path],
    ['Content', match.sha256],
    ['Owner', match.owner],
    ['Package', match.package],
  ] as const
  return texts.flatMap(([what, value]) => (value === undefined ? [] : [[what, value] as const]))
}
