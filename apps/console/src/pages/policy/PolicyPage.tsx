import {
  Button,
  ErrorState,
  Notice,
  PageHeader,
  Panel,
  RelativeTime,
  SaveBar,
  Skeleton,
  toast,
} from '@stint/ui'
import type { Settings } from '@stint/wire/console'
import { useBlocker } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { type ApiProblem, asProblem } from '../../api/client.ts'
import { useSaveSettings, useSettings } from '../../api/settings.ts'
import { FieldRow } from './FieldRow.tsx'
import { fieldGroups } from './fields.ts'
import { mistakesOf } from './mistakes.ts'
import { ProgramsPanel } from './ProgramsPanel.tsx'
import { SecretsPanel } from './SecretsPanel.tsx'
import { UndoPanel } from './UndoPanel.tsx'
import { type Draft, useDraft } from './useDraft.ts'
import { labelsOf, readField } from './values.ts'

export function PolicyPage() {
  const settings = useSettings()
  return (
    <>
      <PageHeader
        title="Policy"
        about={
          settings.data?.changedAt ? (
            <>
              One set of rules for every computer. Last changed <RelativeTime at={settings.data.changedAt} />{' '}
              by {settings.data.changedBy}.
            </>
          ) : (
            'One set of rules for every computer. These are the defaults; nobody has changed them yet.'
          )
        }
      />
      {settings.error && !settings.data ? (
        <ErrorState
          title="The policy could not be read."
          trouble={asProblem(settings.error)}
          onRetry={() => void settings.refetch()}
        />
      ) : settings.data ? (
        <PolicyForm saved={settings.data} readAgain={() => void settings.refetch()} />
      ) : (
        <Skeleton height={640} radius="lg" />
      )}
    </>
  )
}

interface PolicyFormProps {
  readonly saved: Settings
  readonly readAgain: () => void
}

function PolicyForm({ saved, readAgain }: PolicyFormProps) {
  const may = useMay()
  const draft = useDraft(saved)
  const save = useSaveSettings()
  const mayChange = may('administer-policy')
  const problem = save.error ? asProblem(save.error) : null
  const mistakes: Partial<Record<string, string>> = { ...problem?.fields, ...mistakesOf(draft.values) }
  const isDirty = draft.changed.size > 0
  useBlocker({
    shouldBlockFn: () => isDirty && !window.confirm('Leave without saving your changes to the policy?'),
    enableBeforeUnload: () => isDirty,
  })
  const submit = () =>
    save.mutate(draft.values, {
      onSuccess: () => {
        draft.discard()
        toast.done('Saved', 'Computers take the new policy with their next contact, most within a second.')
      },
      onError: readAgain,
    })
  return (
    <form
      className="st-stack c-policy"
      data-gap="6"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      {!mayChange && <Notice tone="unknown">Your role reads the policy but does not change it.</Notice>}
      {fieldGroups.map((group) => (
        <div key={group.id} id={group.id} className="c-anchor">
          <Panel title={group.title} about={group.about} flush>
            {group.fields.map((field) => (
              <FieldRow
                key={field.name}
                field={field}
                value={readField(draft.values, field.name)}
                changed={draft.changed.has(field.name)}
                disabled={!mayChange}
                mistake={mistakes[field.name]}
                onChange={(value) => draft.set(field.name, value)}
              />
            ))}
          </Panel>
        </div>
      ))}
      <Lists draft={draft} disabled={!mayChange} problem={problem} />
      {draft.newer ? (
        <Overtaken draft={draft} newer={draft.newer} />
      ) : (
        isDirty && (
          <SaveBar
            actions={
              <>
                <Button variant="default" onClick={draft.discard}>
                  Discard
                </Button>
                <Button
                  type="submit"
                  loading={save.isPending}
                  disabled={Object.keys(mistakesOf(draft.values)).length > 0}
                >
                  Save changes
                </Button>
              </>
            }
          >
            <p className="st-strong">
              {draft.changed.size} unsaved change{draft.changed.size === 1 ? '' : 's'}
            </p>
            {problem && problem.code !== 'conflict' ? (
              <p className="c-bad">
                {problem.message} {problem.hint}
              </p>
            ) : (
              <p className="st-small st-muted">{labelsOf(draft.changed)}</p>
            )}
          </SaveBar>
        )
      )}
    </form>
  )
}

interface ListsProps {
  readonly draft: Draft
  readonly disabled: boolean
  readonly problem: ApiProblem | null
}

/** The settings that are lists. */
function Lists({ draft, disabled, problem }: ListsProps) {
  const mistakeAt = (group: string) =>
    Object.entries(problem?.fields ?? {}).find(([field]) => field.split('.')[0] === group)?.[1]
  const shared = { draft, disabled }
  return (
    <>
      <div id="programs" className="c-anchor">
        <ProgramsPanel {...shared} mistake={mistakeAt('programs')} />
      </div>
      <div id="secrets" className="c-anchor">
        <SecretsPanel {...shared} mistake={mistakeAt('redact')} />
      </div>
      <div id="undo" className="c-anchor">
        <UndoPanel {...shared} />
      </div>
    </>
  )
}

/** Somebody else saved while this draft was open: said plainly, decided by the person. */
function Overtaken({ draft, newer }: { readonly draft: Draft; readonly newer: Settings }) {
  const both = new Set([...draft.overtaken].filter((name) => draft.changed.has(name)))
  return (
    <SaveBar
      actions={
        <>
          <Button variant="default" onClick={draft.discard}>
            Take theirs
          </Button>
          <Button onClick={draft.rebase}>Put mine on top</Button>
        </>
      }
    >
      <p className="st-strong" role="alert">
        {newer.changedBy ?? 'Somebody'} changed the policy while you were at it
      </p>
      <p className="st-small st-muted">
        They changed: {labelsOf(draft.overtaken)}.{' '}
        {both.size === 0 ? 'None of it is what you changed.' : `You changed the same: ${labelsOf(both)}.`}{' '}
        Nothing of yours is saved yet.
      </p>
    </SaveBar>
  )
}
