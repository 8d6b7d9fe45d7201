import type { Failure } from '@stint/wire/user-page'
import { useState } from 'react'

/** One call at a time: whether it runs, and why the last one failed. */
export function useCall() {
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const run = async (
    call: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly failure: Failure }>,
  ): Promise<boolean> => {
    setPending(true)
    setFailure(null)
    const answer = await call()
    setPending(false)
    if (!answer.ok) setFailure(answer.failure)
    return answer.ok
  }
  return { pending, failure, run, forget: () => setFailure(null) }
}
