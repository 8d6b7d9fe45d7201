import type { ProgramRule } from '@stint/elevation'
import { Button, Modal, Radio, Textarea, TextInput } from '@stint/ui'
import { type FormEvent, useState } from 'react'
import { type RuleMistakes, type RuleText, ruleMistakes, ruleOf } from './mistakes.ts'

interface RuleDialogProps {
  /** `rule` is null for a new one. */
  readonly editing: { readonly rule: ProgramRule | null } | null
  readonly otherIds: readonly string[]
  readonly onClose: () => void
  readonly onDone: (rule: ProgramRule, replaced: ProgramRule | null) => void
}

export function RuleDialog({ editing, otherIds, onClose, onDone }: RuleDialogProps) {
  return (
    <Modal
      opened={editing !== null}
      onClose={onClose}
      title={editing?.rule ? 'Edit a rule' : 'Add a rule'}
      size="34rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {editing && <RuleForm rule={editing.rule} otherIds={otherIds} onClose={onClose} onDone={onDone} />}
    </Modal>
  )
}

type RuleFormProps = Omit<RuleDialogProps, 'editing'> & { readonly rule: ProgramRule | null }

function RuleForm({ rule, otherIds, onClose, onDone }: RuleFormProps) {
  const [text, setText] = useState<RuleText>(textOf(rule))
  const [isTried, setTried] = useState(false)
  const mistakes = ruleMistakes(text, otherIds)
  const set = (more: Partial<RuleText>) => setText({ ...text, ...more })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A portal's form still lies inside the form around it for React.
    event.stopPropagation()
    setTried(true)
    if (Object.keys(mistakes).length === 0) onDone(ruleOf(text), rule)
  }
  /** An empty field is a mistake only once somebody said that it is done. */
  const shown = (name: keyof RuleText) => (isTried || text[name] !== '' ? mistakes[name] : undefined)
  return (
    <form className="st-stack" onSubmit={submit} noValidate data-st-modal="">
      <Radio.Group
        label="What happens to these programs"
        value={text.effect}
        onChange={(next) => set({ effect: next === 'allow' ? 'allow' : 'deny' })}
      >
        <div className="c-effects">
          <Radio value="deny" label="Deny" description="They do not start with raised rights." />
          <Radio value="allow" label="Allow" description="They start, unless a deny rule fits too." />
        </div>
      </Radio.Group>
      <TextInput
        label="Name"
        description="Short, such as no-shells. It is recorded with what the rule decides."
        autoComplete="off"
        spellCheck={false}
        value={text.id}
        onChange={(event) => set({ id: event.currentTarget.value })}
        error={shown('id')}
        data-autofocus
      />
      <Which text={text} set={set} shown={shown} missing={isTried ? mistakes.which : undefined} />
      <Textarea
        label="Note to the user"
        description="Why it did not start, and whom to ask. They read exactly this."
        autosize
        minRows={2}
        value={text.note}
        onChange={(event) => set({ note: event.currentTarget.value })}
        error={shown('note')}
      />
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit">{rule ? 'Change the rule' : 'Add the rule'}</Button>
      </div>
    </form>
  )
}

interface WhichProps {
  readonly text: RuleText
  readonly set: (more: Partial<RuleText>) => void
  readonly shown: (name: keyof RuleText) => RuleMistakes[keyof RuleText]
  readonly missing: string | undefined
}

const ways = [
  ['path', 'Path', '/usr/bin/nmap, or /opt/games/** for everything below'],
  ['package', 'Package', 'That installed the program: nmap'],
  ['owner', 'Owner', 'The account that owns the file'],
  ['sha256', 'Content hash', 'SHA-256 of the file, as sha256sum prints it'],
] as const

function Which({ text, set, shown, missing }: WhichProps) {
  return (
    <fieldset className="c-plain-fieldset">
      <legend>Which programs</legend>
      <p className="c-hint">
        Everything that you fill in has to fit. In a path, * stands for anything but a slash.
      </p>
      {missing && (
        <p className="c-bad" role="alert">
          {missing}
        </p>
      )}
      <div className="c-ways">
        {ways.map(([name, label, description]) => (
          <TextInput
            key={name}
            label={label}
            description={description}
            classNames={{ input: 'st-mono' }}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            value={text[name]}
            onChange={(event) => set({ [name]: event.currentTarget.value.trim() })}
            error={shown(name)}
          />
        ))}
      </div>
    </fieldset>
  )
}

function textOf(rule: ProgramRule | null): RuleText {
  return {
    id: rule?.id ?? '',
    effect: rule?.effect ?? 'deny',
    path: rule?.match.path ?? '',
    sha256: rule?.match.sha256 ?? '',
    owner: rule?.match.owner ?? '',
    package: rule?.match.package ?? '',
    note: rule?.note ?? '',
  }
}
