import { commandWords, redactionOf } from '@stint/elevation'
import { Button, CommandText, Panel, TextInput } from '@stint/ui'
import { type KeyboardEvent, useMemo, useState } from 'react'
import { type Listed, listed } from './listed.ts'
import { newPatternMistake } from './mistakes.ts'
import type { Draft } from './useDraft.ts'

const PATTERNS_MAX = 100

interface SecretsPanelProps {
  readonly draft: Draft
  readonly disabled: boolean
  readonly mistake: string | undefined
}

/** What is taken out of command lines before anything is written, and a place to try it. */
export function SecretsPanel({ draft, disabled, mistake }: SecretsPanelProps) {
  const { redact } = draft.values
  const set = (patterns: readonly string[]) => draft.set('redact', patterns)
  return (
    <Panel
      title="Secrets on command lines"
      about="Arguments are recorded. What these patterns find is replaced on the computer, before anything is written; that something was replaced is recorded."
      flush
    >
      <div className="c-setting-list" data-changed={draft.changed.has('redact') || undefined}>
        {mistake && (
          <p className="c-bad" role="alert">
            {mistake}
          </p>
        )}
        <ul className="c-patterns" aria-label="Patterns">
          {listed(draft.base.redact, redact, (pattern) => pattern).map((row) => (
            <PatternRow
              key={row.key}
              row={row}
              disabled={disabled}
              onRemove={() => set(redact.filter((pattern) => pattern !== row.item))}
              onPutBack={() => set([...redact, row.item])}
            />
          ))}
        </ul>
        {redact.length === 0 && <p className="c-nothing">No patterns: arguments are recorded as they are.</p>}
        {!disabled && <NewPattern patterns={redact} onAdd={(pattern) => set([...redact, pattern])} />}
      </div>
      <TryPatterns patterns={redact} />
    </Panel>
  )
}

interface PatternRowProps {
  readonly row: Listed<string>
  readonly disabled: boolean
  readonly onRemove: () => void
  readonly onPutBack: () => void
}

function PatternRow({ row, disabled, onRemove, onPutBack }: PatternRowProps) {
  const { item: pattern, state } = row
  const isRemoved = state === 'removed'
  const [before = '', after = ''] = pattern.split('{secret}')
  return (
    <li className="c-pattern" data-state={state}>
      <span className="c-pattern-text st-mono">
        {before}
        <span className="c-secret">{'{secret}'}</span>
        {after}
      </span>
      {state === 'added' && <span className="st-setting-mark">New</span>}
      {!disabled && (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={isRemoved ? onPutBack : onRemove}
          aria-label={isRemoved ? `Put back ${pattern}` : `Remove ${pattern}`}
        >
          {isRemoved ? 'Put back' : 'Remove'}
        </Button>
      )}
    </li>
  )
}

interface NewPatternProps {
  readonly patterns: readonly string[]
  readonly onAdd: (pattern: string) => void
}

function NewPattern({ patterns, onAdd }: NewPatternProps) {
  const [text, setText] = useState('')
  const [isTried, setTried] = useState(false)
  const isFull = patterns.length >= PATTERNS_MAX
  const mistake = isFull
    ? `There are ${PATTERNS_MAX} patterns already; remove one first.`
    : newPatternMistake(text.trim(), patterns)
  const add = () => {
    setTried(true)
    if (mistake !== null) return
    onAdd(text.trim())
    setText('')
    setTried(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    // Enter would save the policy, of which this pattern is not a part yet.
    event.preventDefault()
    add()
  }
  return (
    <div className="c-inline-form c-new-pattern">
      <TextInput
        label="Another pattern"
        description="One word, or two: --pin={secret} or --pin {secret}. A star stands for anything."
        placeholder="--pin={secret}"
        classNames={{ input: 'st-mono' }}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        error={isTried ? mistake : null}
        inputWrapperOrder={['label', 'description', 'error', 'input']}
      />
      <Button variant="default" onClick={add}>
        Add
      </Button>
    </div>
  )
}

/** What would be written down of a command line, by the function that writes it down. */
function TryPatterns({ patterns }: { readonly patterns: readonly string[] }) {
  const [line, setLine] = useState('')
  const redaction = useMemo(
    () => redactionOf(patterns.filter((pattern) => newPatternMistake(pattern, []) === null)),
    [patterns],
  )
  const commands = commandsOf(line).map((args) => redaction.redactArgs(args))
  const hidden = commands.reduce((sum, { redacted }) => sum + redacted, 0)
  return (
    <div className="c-setting-list">
      <TextInput
        label="Try it"
        description="Type a command line, without real secrets. Below stands what would be recorded of it."
        placeholder="mysqldump --password=hunter2 accounts"
        classNames={{ input: 'st-mono' }}
        autoComplete="off"
        spellCheck={false}
        value={line}
        onChange={(event) => setLine(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.preventDefault()
        }}
      />
      <div className="c-tried" role="status" aria-label="What would be recorded">
        {commands.length === 0 ? (
          <p className="c-hint">Nothing typed yet.</p>
        ) : (
          <>
            {commands.map(({ args, redacted }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the commands of a line are told apart by their place
              <p key={at} className="st-mono">
                <CommandText text={args.join(' ')} redacted={redacted} />
              </p>
            ))}
            <p className="c-hint">{hiddenText(hidden)}</p>
          </>
        )}
      </div>
    </div>
  )
}

/** The programs that a shell would start for this line, each with its arguments. */
function commandsOf(line: string): readonly (readonly string[])[] {
  const commands: string[][] = []
  for (const { text, isFirst } of commandWords(line)) {
    const last = commands.at(-1)
    if (isFirst || last === undefined) commands.push([text])
    else last.push(text)
  }
  return commands
}

function hiddenText(hidden: number): string {
  if (hidden === 0) return 'No pattern fits: all of it would be recorded.'
  return hidden === 1 ? '1 secret would be hidden.' : `${hidden} secrets would be hidden.`
}
