import { Button, ErrorState, PasswordInput, TextInput } from '@stint/ui'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { useMe, useSignIn } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { Door } from '../../ui/Door.tsx'

export function SignInPage() {
  const { return: wanted } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  const me = useMe()
  const signIn = useSignIn()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const back = ownPath(wanted)
  useEffect(() => {
    if (me) void navigate({ href: back, replace: true })
  }, [me, back, navigate])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ email: email.trim(), password })
  }
  const missing = email.trim() === '' || password === ''
  return (
    <Door
      title="Sign in"
      about={
        back === '/'
          ? 'With the account of your organisation’s Stint server.'
          : 'Then you go on where you were.'
      }
    >
      <form className="st-stack" onSubmit={submit}>
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
        />
        {signIn.error && <ErrorState trouble={asProblem(signIn.error)} size="inline" />}
        <Button type="submit" fullWidth loading={signIn.isPending} disabled={missing}>
          Sign in
        </Button>
      </form>
      <p className="st-small st-muted">
        No account yet, or the password is lost? An owner can make you a one-time link under People.
      </p>
    </Door>
  )
}

/** Only a path of this console: an address from a link must not lead elsewhere after signing in. */
function ownPath(wanted: string | undefined): string {
  return wanted?.startsWith('/') && !/^\/[/\\]/.test(wanted) ? wanted : '/'
}
