import { Fault } from '@stint/elevation'
import { parse, type Static } from '@stint/wire'
import { Problem } from '@stint/wire/problem'
import type { ServerAnswer } from './links.ts'

/**
 * The server said no. `code` is one of ours or `http-<status>`; `lasting` when the same again would be refused again,
 * which only an answer in our own form can say.
 */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly lasting: boolean
  /** `details.from` of a `journal-gap`: the entry that the server wants next. */
  readonly from: number | undefined

  constructor({ status, json }: ServerAnswer) {
    const problem = readProblem(json)
    const code = problem?.code ?? `http-${status}`
    super(`the server refused: ${code}`)
    this.status = status
    this.code = code
    this.title = problem?.title.slice(0, 500) ?? ''
    this.lasting = problem !== undefined && status >= 400 && status < 500 && !passing.includes(status)
    const from = problem?.details?.from
    this.from = typeof from === 'number' && Number.isInteger(from) && from >= 0 ? from : undefined
  }
}

/** Timeout, suspended, too early, too many: later it may be another answer. */
const passing = [408, 423, 425, 429]

/** The checked body of a successful answer. Throws `ServerRefusal`; `Fault('server-misbehaves')` for another form. */
export function accepted<S extends Parameters<typeof parse>[0]>(schema: S, answer: ServerAnswer): Static<S> {
  acceptedEmpty(answer)
  try {
    return parse(schema, answer.json)
  } catch (error) {
    throw misbehaves('An answer of the server is not as agreed', error)
  }
}

/** A success without a body that matters. Throws `ServerRefusal`. */
export function acceptedEmpty(answer: ServerAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw new ServerRefusal(answer)
}

export function misbehaves(message: string, cause?: unknown): Fault {
  return new Fault(
    'server-misbehaves',
    message,
    'Check the address of the server and what stands between.',
    cause === undefined ? {} : { cause },
  )
}

function readProblem(json: unknown) {
  try {
    return parse(Problem, json)
  } catch {
    return undefined
  }
}
