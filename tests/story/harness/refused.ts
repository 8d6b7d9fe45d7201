import assert from 'node:assert/strict'

/** Somebody said no, or was not there: `code` of the refusal, or the name of what could not be reached. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, sentence = '', details: Readonly<Record<string, unknown>> = {}) {
    super(`${code}: ${sentence} ${JSON.stringify(details)}`)
    this.code = code
    this.details = details
  }
}

/** The code of the refusal that must come. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof Refused) return error.code
    throw error
  }
  return assert.fail('this was not refused')
}
