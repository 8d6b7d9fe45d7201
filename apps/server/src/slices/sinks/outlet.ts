import type { OutFact } from './out-fact.ts'

/** The way to one receiver. */
export interface Outlet {
  /**
   * Gives it these facts, in this order. Resolves when it said, in the way of its protocol, that it has all of them;
   * throws `NotTaken` when it did not, and then it may have some. `signal` ends the try.
   */
  send(facts: readonly OutFact[], signal: AbortSignal): Promise<void>
}

/** Why facts were not taken: a sentence for administrators. Says nothing of what a receiver answered beyond its status. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken'
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens at that address.',
  ECONNRESET: 'The receiver cut the connection.',
  EPIPE: 'The receiver cut the connection.',
  ENOTFOUND: 'The name of the receiver is not known.',
  EAI_AGAIN: 'The name of the receiver could not be looked up; the name server does not answer.',
  EHOSTUNREACH: 'There is no way to that address.',
  ENETUNREACH: 'There is no way to that address.',
  ETIMEDOUT: 'The receiver does not answer.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the receiver is for another name.',
  CERT_HAS_EXPIRED: 'The certificate of the receiver has run out.',
  EPROTO: 'The receiver does not speak TLS as it should.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The receiver does not speak TLS.',
  ENOENT: 'The folder is not there.',
  EACCES: 'The file may not be written.',
  ENOSPC: 'The disk is full.',
  ENOTFILE: 'It is not a file.',
  ELOOP: 'The file is a link; links are not followed.',
}

/** Codes of a certificate whose chain leads to nobody that is trusted. */
const untrusted = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]

/** An error of the system as a `NotTaken`. */
export function notTaken(error: unknown): NotTaken {
  if (error instanceof NotTaken) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError' || name === 'AbortError') return new NotTaken('The receiver took too long.')
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (untrusted.includes(code))
    return new NotTaken('The certificate of the receiver is not from an authority that is trusted here.')
  return new NotTaken(words[code] ?? `It failed${/^\w{1,60}$/.test(code) ? ` (${code})` : ''}.`)
}
