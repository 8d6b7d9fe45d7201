import { roleLabels } from '@stint/elevation'
import { Button, ErrorState, PasswordInput, RelativeTime, Skeleton, TextInput } from '@stint/ui'
import type { JoinInfo } from '@stint/wire/console'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useJoin, useJoinInfo } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { Door } from '../../ui/Door.tsx'

const PASSWORD_MIN = 12

export function JoinPage() {
  const { token } = useParams({ from: '/join/$token' })
  const info = useJoinInfo(token)
  if (info.error) {
    return (
      <Door title="This link does not work" about="A link lets one person in, once.">
        <ErrorState trouble={asProblem(info.error)} size="inline" />
        <Link to="/sign-in" className="c-link">
          Sign in instead
        </Link>
      </Door>
    )
  }
  if (!info.data) {
    return (
      <Door title="Welcome to Stint" about="One moment: your link is being looked at.">
        <Skeleton height={232} />
      </Door>
    )
  }
  return (
    <Door
      title="Welcome to Stint"
      about={
        <>
          You join as <strong>{roleLabels[info.data.role]}</strong> with <strong>{info.data.email}</strong>.
          The link works once, and runs out <RelativeTime at={info.data.expiresAt} quiet />.
        </>
      }
    >
      <JoinForm token={token} info={info.data} />
    </Door>
  )
}

function JoinForm({ token, info }: { readonly token: string; readonly info: JoinInfo }) {
  const navigate = useNavigate()
  const join = useJoin(token)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const missing = PASSWORD_MIN - password.length
  const submit = (event: FormEvent) => {
    event.preventDefault()
    join.mutate(
      { name: name.trim(), password },
      { onSuccess: () => void navigate({ to: '/', replace: true }) },
    )
  }
  return (
    <form className="st-stack" onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={info.email} readOnly />
      <TextInput
        label="Your name"
        description="As the people you decide for know you. It stands beside every decision."
        autoComplete="name"
        autoFocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        description="At least 12 characters. A few words are easier to remember than signs."
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
      />
      <p className="st-small st-muted" aria-live="polite">
        {password !== '' && missing > 0 ? `${missing} more character${missing === 1 ? '' : 's'}.` : ' '}
      </p>
      {join.error && <ErrorState trouble={asProblem(join.error)} size="inline" />}
      <Button type="submit" fullWidth loading={join.isPending} disabled={name.trim() === '' || missing > 0}>
        Join and go on
      </Button>
    </form>
  )
}
