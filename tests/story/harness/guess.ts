import { createResponseCode, deriveCodeKeys, durAtMost, parseRequestCode, responseText } from '@stint/code'

/**
 * A well-formed answer to a request code by somebody who knows the protocol and not the keys. Another `number`,
 * another guess.
 */
export function guess(requestCode: string, number = 1): string {
  const request = parseRequestCode(requestCode)
  const { epochLow: epoch, counterLow: counter } = request
  const device = { tenant: new Uint8Array(16), deviceId: new Uint8Array(16), epoch }
  const keys = deriveCodeKeys(device, new Uint8Array(32).fill(number))
  const context = { device, request, counter, pol: 1, userId: 'uid:1000:alice' }
  const params = { dur: durAtMost(15), end: true, profile: 0, slot: 0 } as const
  return responseText(createResponseCode(context, keys, params), request)
}

/** The same code as somebody mistypes it: one symbol is another one. */
export function mistyped(text: string): string {
  return `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
}
