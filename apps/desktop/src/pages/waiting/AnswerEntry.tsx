import { ANSWER_LENGTHS, echoTyping } from '@stint/code'
import { Button, CodeInput, Countdown, Notice, useClock, useNow } from '@stint/ui'
import type { OpenRequestView, UserStatus } from '@stint/wire/local-user'
import type { Failure } from '@stint/wire/user-page'
import { type FormEvent, useRef, useState } from 'react'
import type { PageLink } from '../../api/page-link.ts'
import { useCall } from '../../ui/useCall.ts'

interface AnswerEntryProps {
  readonly link: PageLink
  readonly request: OpenRequestView
  readonly pause: UserStatus['pause']
  /** When the agent said so, RFC 3339. */
  readonly now: string
}

const echo = (typed: string) => echoTyping(typed, ANSWER_LENGTHS)

/** The answer that was read or sent: what is understood stands under it, what is wrong with it is said in words. */
export function AnswerEntry({ link, request, pause, now }: AnswerEntryProps) {
  const [text, setText] = useState('')
  const [short, setShort] = useState<string | null>(null)
  const { pending, failure, run, forget } = useCall()
  const input = useRef<HTMLInputElement>(null)
  const paused = usePause(pause, now)

  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    if (pending || paused !== null) return
    const problem = lengthProblem(text)
    setShort(problem)
    if (problem !== null) return input.current?.focus()
    const given = await run(() => link.call('answer', { text }))
    if (!given) input.current?.select()
  }
  const change = (value: string) => {
    setText(value)
    setShort(null)
    forget()
  }
  return (
    <form className="dt-answer" onSubmit={submit} noValidate>
      <CodeInput
        label="Enter the answer"
        description="Ten symbols, fifteen digits or five words. Capital or small letters do not matter."
        value={text}
        onChange={change}
        groups={[5, 5]}
        echo={echo}
        error={short ?? (failure ? failureText(failure) : undefined)}
        disabled={paused !== null}
        onEnter={() => void submit()}
        inputRef={input}
      />
      {pause && paused !== null && <Pause kind={pause.kind} until={paused} />}
      <div className="dt-actions">
        <Button type="submit" size="md" loading={pending} disabled={paused !== null}>
          Use the answer
        </Button>
        <p className="st-muted st-small">{triesText(request.triesLeft)}</p>
      </div>
    </form>
  )
}

function lengthProblem(text: string): string | null {
  const { form, length, missing } = echo(text)
  if (length === 'empty') return 'Type the answer that was read to you.'
  if (form === 'unreadable') return 'There is a character in it that no code has.'
  if (length === 'short') return `${missing} more ${form === 'words' ? 'words' : form} to go.`
  return length === 'long' ? 'That is longer than a code.' : null
}

function failureText({ message, hint }: Failure): string {
  return `${message} ${hint}`
}

function triesText(left: number): string {
  if (left === 1) return 'One try is left for this request.'
  return `${left} tries are left for this request. Typing errors that can be told do not count.`
}

/** When the pause is over by the agent's clock; infinity for a lock; null when there is none or it is over. */
function usePause(pause: AnswerEntryProps['pause'], now: string): number | null {
  const current = useNow(500)
  if (pause === null) return null
  if (pause.kind !== 'wait') return Number.POSITIVE_INFINITY
  const until = Date.parse(now) + pause.remainingMs
  return current < until ? until : null
}

function Pause({ kind, until }: { readonly kind: 'wait' | 'locked' | 'quarantine'; readonly until: number }) {
  const clock = useClock()
  if (kind === 'wait')
    return (
      <Notice tone="warn" title="Too many wrong codes: a pause">
        <p>
          Try again in <Countdown until={Math.max(until, clock.now())} label="The pause ends in" />
        </p>
        <p className="st-muted st-small">The pause runs only while the computer is on.</p>
      </Notice>
    )
  if (kind === 'locked')
    return (
      <Notice tone="bad" title="Codes are locked after too many wrong ones">
        Connect to the network, or ask your approver for a recovery code.
      </Notice>
    )
  return (
    <Notice tone="bad" title="Codes are not taken for now">
      This computer’s state seems to have been set back. Connect it to the network, or ask for a recovery
      code.
    </Notice>
  )
}
