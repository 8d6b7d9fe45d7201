import canonicalize from 'canonicalize'
import { ChainError } from './chain-error.ts'

/** RFC 8785 text. Throws `ChainError('body')` for what has none. */
export function canonical(value: unknown): string {
  let text: string | undefined
  try {
    text = canonicalize(value)
  } catch (cause) {
    throw new ChainError('body', 'This body has no canonical JSON form', { cause })
  }
  if (text === undefined) throw new ChainError('body', 'This body has no canonical JSON form')
  return text
}

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
