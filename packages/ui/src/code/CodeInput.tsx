import { type KeyboardEvent, type Ref, useId, useRef } from 'react'
import type { Echo } from './spelled.ts'

/** Reads typed text: `(typed) => echoTyping(typed, REQUEST_LENGTHS)` of @stint/code is one. */
export type EchoOf = (typed: string) => Echo

export interface CodeInputProps {
  readonly label: string
  readonly description?: string
  readonly error?: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
  /** How many symbols each group has: `[5, 5, 5]`. */
  readonly groups: readonly number[]
  readonly echo: EchoOf
  /**
   * Group and fold what is typed in place. Leave it off where digits, words or a pasted token are taken too:
   * then the text stays as it was typed.
   */
  readonly regroup?: boolean
  readonly autoFocus?: boolean
  readonly disabled?: boolean
  readonly onEnter?: () => void
  readonly inputRef?: Ref<HTMLInputElement>
}

/** One text field for a spoken code. Under it stands what was understood so far, with the word of every symbol. */
export function CodeInput(props: CodeInputProps) {
  const id = useId()
  const total = props.groups.reduce((sum, size) => sum + size, 0)
  const echo = props.echo(props.value)
  const { symbols } = echo
  const isOtherForm = echo.form === 'words' || echo.form === 'token' || symbols.length > total
  const caret = useCaret()
  const change = (input: HTMLInputElement) => {
    const typed = input.value
    if (!props.regroup) return props.onChange(typed)
    const next = regrouped(typed, props.groups, props.echo)
    caret.keep(input, typed, next, props.echo)
    props.onChange(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && props.onEnter) {
      event.preventDefault()
      props.onEnter()
    }
  }
  const describedBy = [props.description && `${id}-about`, `${id}-heard`, props.error && `${id}-error`]
  return (
    <div className="st-code-input" data-error={props.error !== undefined || undefined}>
      <label className="st-code-input-label" htmlFor={id}>
        {props.label}
      </label>
      {props.description && (
        <p className="st-code-input-about" id={`${id}-about`}>
          {props.description}
        </p>
      )}
      <input
        id={id}
        ref={props.inputRef}
        className="st-code-input-field"
        value={props.value}
        onChange={(event) => change(event.currentTarget)}
        onKeyDown={onKeyDown}
        // biome-ignore lint/a11y/noAutofocus: asked for only on pages whose one purpose is this field
        autoFocus={props.autoFocus}
        disabled={props.disabled}
        autoComplete="off"
        autoCapitalize="characters"
        autoCorrect="off"
        spellCheck={false}
        aria-invalid={props.error !== undefined}
        aria-describedby={describedBy.filter(Boolean).join(' ')}
      />
      {!isOtherForm && <Recognised symbols={symbols} groups={props.groups} />}
      <p className="st-sr" id={`${id}-heard`} aria-live="polite">
        {spokenProgress(echo, total)}
      </p>
      {props.error && (
        <p className="st-code-input-error" id={`${id}-error`} role="alert">
          {props.error}
        </p>
      )}
    </div>
  )
}

interface RecognisedProps {
  readonly symbols: Echo['symbols']
  readonly groups: readonly number[]
}

function Recognised({ symbols, groups }: RecognisedProps) {
  let before = 0
  return (
    <div className="st-code-groups st-code-heard" aria-hidden="true">
      {groups.map((size, at) => {
        const start = before
        before += size
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
          <div className="st-code-group" key={at}>
            {Array.from({ length: size }, (_, i) => {
              const typed = start + i < symbols.length
              const { symbol, word } = symbols[start + i] ?? {}
              const state = !typed ? 'empty' : symbol === undefined ? 'unknown' : 'known'
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
                <span className="st-code-cell" data-state={state} key={i}>
                  <span className="st-code-symbol">{state === 'unknown' ? '?' : (symbol ?? '')}</span>
                  <span className="st-code-word">{state === 'unknown' ? 'not a symbol' : word}</span>
                </span>
              )
            })}
          </div>
        )
      })}
    </div>
  )
}

/** Folded and grouped with `-`, as long as every character is a symbol and there are not too many. */
function regrouped(typed: string, groups: readonly number[], echo: EchoOf): string {
  const symbols = echo(typed).symbols.map(({ symbol }) => symbol)
  const total = groups.reduce((sum, size) => sum + size, 0)
  if (symbols.includes(undefined) || symbols.length > total) return typed
  const parts: string[] = []
  let at = 0
  for (const size of groups) {
    const part = symbols.slice(at, at + size).join('')
    if (part !== '') parts.push(part)
    at += size
  }
  return parts.join('-')
}

/** Keeps the caret after the same symbol when the field's text is regrouped under it. */
function useCaret() {
  const frame = useRef(0)
  return {
    keep(input: HTMLInputElement, typed: string, next: string, echo: EchoOf) {
      const caret = input.selectionStart ?? typed.length
      const symbolsBefore = echo(typed.slice(0, caret)).symbols.length
      if (next === typed || caret === typed.length) return
      cancelAnimationFrame(frame.current)
      frame.current = requestAnimationFrame(() => {
        let seen = 0
        let position = 0
        while (position < next.length && seen < symbolsBefore) {
          if (next[position] !== '-') seen += 1
          position += 1
        }
        input.setSelectionRange(position, position)
      })
    },
  }
}

function spokenProgress({ symbols, missing }: Echo, total: number): string {
  const last = symbols.at(-1)
  if (last === undefined || symbols.length > total) return ''
  return `${last.word ?? 'Not a symbol'}. ${missing === 0 ? 'Complete' : `${missing} to go`}.`
}
