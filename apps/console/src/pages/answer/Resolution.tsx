import { spell } from '@stint/code'
import { Button, ErrorState, Notice, Skeleton, spokenCode, TextInput } from '@stint/ui'
import type { CodeResolved } from '@stint/wire/console'
import type { UseMutationResult } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { RequestFacts } from '../../ui/RequestFacts.tsx'
import { warningTexts } from '../../ui/warnings.ts'
import { foldedSymbols } from './request-shape.ts'

interface ResolutionProps {
  readonly typed: string
  readonly resolve: UseMutationResult<CodeResolved, Error, { text: string; userName?: string }>
  readonly onSuggestion: (requestCode: string) => void
  readonly onUserName: (userName: string) => void
}

/** What a complete code turned out to be: a request with its warnings, suggestions, or why not. */
export function Resolution({ typed, resolve, onSuggestion, onUserName }: ResolutionProps) {
  if (resolve.error) return <ErrorState trouble={asProblem(resolve.error)} size="inline" />
  if (resolve.isPending && !resolve.data) return <Skeleton height={220} radius="lg" />
  const found = resolve.data
  if (!found) return null
  return (
    <div className="st-stack" aria-live="polite">
      {found.warnings.map((warning) => (
        <Notice key={warning} tone={warningTexts[warning].tone} title={warningTexts[warning].title}>
          {warningTexts[warning].text}
        </Notice>
      ))}
      {found.warnings.includes('user-unknown') && (
        <UserNameForm pending={resolve.isPending} onUserName={onUserName} />
      )}
      {found.request ? (
        <div className="c-card st-stack">
          <RequestFacts request={found.request} />
          <p className="c-week">{weekText(found.sessionsThisWeek)}</p>
        </div>
      ) : (
        <Suggestions typed={typed} found={found} onSuggestion={onSuggestion} />
      )}
    </div>
  )
}

function weekText(sessions: number): string {
  if (sessions === 0) return 'No other session of theirs on this computer in the last seven days.'
  return `${sessions} session${sessions === 1 ? '' : 's'} of theirs on this computer in the last seven days.`
}

interface SuggestionsProps {
  readonly typed: string
  readonly found: CodeResolved
  readonly onSuggestion: (requestCode: string) => void
}

function Suggestions({ typed, found, onSuggestion }: SuggestionsProps) {
  if (found.warnings.includes('user-unknown')) return null
  if (found.suggestions.length === 0) {
    return (
      <Notice tone="bad" title="That code fits no open request">
        Ask the caller to read it again, group by group, with the words under the symbols.
      </Notice>
    )
  }
  return (
    <div className="c-card st-stack" data-gap="3">
      <div>
        <h2>Did you mean…</h2>
        <p className="st-muted">
          That code fits nothing, but these are one slip away. Have the caller say the marked symbols again
          first.
        </p>
      </div>
      <ul className="st-stack" data-gap="2">
        {found.suggestions.map((suggestion) => (
          <li key={suggestion.requestCode}>
            <button
              type="button"
              className="c-suggestion"
              onClick={() => onSuggestion(suggestion.requestCode)}
              aria-label={`${spokenCode(suggestion.requestCode, spell)}: ${suggestion.userName} on ${suggestion.deviceName}`}
            >
              <MarkedCode typed={typed} code={suggestion.requestCode} />
              <span className="st-muted">
                {suggestion.userName} on {suggestion.deviceName}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The suggestion with every symbol marked that is not as it was typed. */
function MarkedCode({ typed, code }: { readonly typed: string; readonly code: string }) {
  const heard = foldedSymbols(typed)
  const signs = Array.from(code)
  const place = (at: number) => signs.slice(0, at).filter((sign) => sign !== '-').length
  return (
    <span className="st-mono">
      {signs.map((sign, at) => {
        const isSame = sign === '-' || heard[place(at)] === sign
        // biome-ignore lint/suspicious/noArrayIndexKey: symbols of one code never change places
        return isSame ? <span key={at}>{sign}</span> : <mark key={at}>{sign}</mark>
      })}
    </span>
  )
}

interface UserNameFormProps {
  readonly pending: boolean
  readonly onUserName: (userName: string) => void
}

function UserNameForm({ pending, onUserName }: UserNameFormProps) {
  const [userName, setUserName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (userName.trim() !== '') onUserName(userName.trim())
  }
  return (
    <form className="c-inline-form" onSubmit={submit}>
      <TextInput
        label="Account name"
        description="As on their screen, for example ana.lindqvist."
        value={userName}
        onChange={(event) => setUserName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        autoFocus
      />
      <Button type="submit" variant="default" loading={pending} disabled={userName.trim() === ''}>
        Check
      </Button>
    </form>
  )
}
