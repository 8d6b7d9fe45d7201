import { type ChangeKind, changeKindLabels, changeKinds } from '@stint/elevation'
import { Checkbox, Panel } from '@stint/ui'
import type { Draft } from './useDraft.ts'

/** What is compared of each kind, and what putting it back does. */
const abouts: Record<ChangeKind, string> = {
  administrator: 'Who became an administrator is taken out of that group again. Nobody is put back into one.',
  account: 'Never put back, only reported: files of the account would be without an owner.',
  'ssh-key': 'A new list of keys is moved away, a changed one is written as it was.',
  sudoers: 'New rules are moved away, changed ones are written as they were.',
  polkit: 'New rules are moved away, changed ones are written as they were.',
  pam: 'How people sign in becomes again what it was.',
  service: 'New units are moved away, changed ones are written as they were. One that runs goes on running.',
  'scheduled-job': 'New jobs of cron are moved away, changed ones are written as they were.',
  'set-uid': 'A program that became set-uid no longer is. It is not removed.',
  'file-capability': 'A program that was given capabilities loses them. It is not removed.',
  'kernel-module': 'Never put back, only reported: unloading a module can stop the computer.',
}
const onlyReported: ReadonlySet<ChangeKind> = new Set(['account', 'kernel-module'])

interface UndoPanelProps {
  readonly draft: Draft
  readonly disabled: boolean
}

/** A session's changes are always reported; this is about which of them do not outlast it. */
export function UndoPanel({ draft, disabled }: UndoPanelProps) {
  const { undo } = draft.values
  return (
    <Panel
      title="Put back after a session"
      about="What a session changed is always reported. What is ticked here is put back when the session ends, and the report says whether that worked. Leave off what people need raised rights for."
      flush
    >
      <ul className="c-undo" aria-label="Kinds of change">
        {changeKinds.map((kind) => (
          <li key={kind} data-changed={draft.changed.has(`undo.${kind}`) || undefined}>
            <Checkbox
              checked={undo.includes(kind)}
              disabled={disabled || (onlyReported.has(kind) && !undo.includes(kind))}
              onChange={(event) => draft.set(`undo.${kind}`, event.currentTarget.checked)}
              label={
                <>
                  {changeKindLabels[kind]}
                  {draft.changed.has(`undo.${kind}`) && (
                    <span className="st-setting-mark" aria-hidden="true">
                      Changed
                    </span>
                  )}
                </>
              }
              description={abouts[kind]}
            />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
