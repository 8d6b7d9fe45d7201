import { type KeyboardEvent, type Ref, useId, useRef } from 'react'
import { spell } from './spelling.ts'

/**
 * Reads typed text: one entry per character that counts, `undefined` where it is no symbol; `undefined` as a whole
 * when the text is far too long. `foldTyped` of @stint/code is one.
 */
export type FoldTyped = (typed: string) => readonly (string | undefined)[] | undefined

export interface CodeInputProps {
  readonly label: string
  readonly description?: string
  readonly error?: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
  /** How many symbols each group has: `[5, 5, 5]`. */
  readonly groups: readonly number[]
  readonly fold: FoldTyped
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
  const symbols = props.fold(props.value) ?? []
  const isOtherForm = symbols.length > total
  const caret = useCaret()
  const change = (input: HTMLInputElement) => {
    const typed = input.value
    if (!props.regroup) return props.onChange(typed)
    const next = regrouped(typed, props.groups, props.fold)
    caret.keep(input, typed, next, props.fold)
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
        {spokenProgress(symbols, total)}
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
  readonly symbols: readonly (string | undefined)[]
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
              const symbol = symbols[start + i]
              const state = !typed ? 'empty' : symbol === undefined ? 'unknown' : 'known'
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: places, not things
                <span className="st-code-cell" data-state={state} key={i}>
                  <span className="st-code-symbol">{state === 'unknown' ? '?' : (symbol ?? '')}</span>
                  <span className="st-code-word">
                    {state === 'unknown' ? 'not a symbol' : spell(symbol ?? '')}
                  </span>
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
function regrouped(typed: string, groups: readonly number[], fold: FoldTyped): string {
  const symbols = fold(typed)
  const total = groups.reduce((sum, size) => sum + size, 0)
  if (symbols === undefined || symbols.includes(undefined) || symbols.length > total) return typed
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
    keep(input: HTMLInputElement, typed: string, next: string, fold: FoldTyped) {
      const caret = input.selectionStart ?? typed.length
      const symbolsBefore = fold(typed.slice(0, caret))?.length ?? caret
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

function spokenProgress(symbols: readonly (string | undefined)[], total: number): string {
  if (symbols.length === 0 || symbols.length > total) return ''
  const last = symbols[symbols.length - 1]
  const word = last === undefined ? 'not a symbol' : spell(last)
  return `${word}. ${symbols.length} of ${total}.`
}
