import { Fault } from '@stint/elevation'
import { parseJson } from '@stint/wire'
import { EnrollmentTokenContent } from '@stint/wire/device'

const prefix = 'stint-enroll.'

/**
 * Reads what an administrator copied: `stint-enroll.` and base64url of JSON. White space around it is forgiven.
 * @throws Fault `bad-token`; `token-expired` when `wallMs` is after its end
 */
export function readToken(text: string, wallMs: number): EnrollmentTokenContent {
  const tidy = text.trim()
  const encoded = tidy.slice(prefix.length)
  if (!tidy.startsWith(prefix) || tidy.length > 8192 || !/^[A-Za-z0-9_-]+$/.test(encoded)) throw badToken()
  let token: EnrollmentTokenContent
  try {
    token = parseJson(EnrollmentTokenContent, Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch (cause) {
    throw badToken(cause)
  }
  if (token.exp * 1000 < wallMs)
    throw new Fault('token-expired', 'This enrolment token has run out', 'Make a new one in the console.')
  return token
}

function badToken(cause?: unknown): Fault {
  return new Fault('bad-token', 'This is not an enrolment token', 'Copy the whole line from the console.', {
    cause,
  })
}
