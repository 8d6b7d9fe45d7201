import { refuse } from '@stint/elevation'
import type { Problem } from '@stint/wire/console'

/** A call that was refused or did not get through: code, sentence for the person, next step. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly code: string
  readonly hint: string
  /** HTTP status; 0 when nobody answered. */
  readonly status: number
  /** What is wrong with which input. */
  readonly fields: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, string | number | boolean>>

  constructor(problem: Pick<Problem, 'code' | 'title' | 'hint' | 'status' | 'fields' | 'details'>) {
    super(problem.title)
    this.code = problem.code
    this.hint = problem.hint
    this.status = problem.status
    this.fields = problem.fields ?? {}
    this.details = problem.details ?? {}
  }
}

interface Caller {
  /** Goes into `x-stint-csrf` of every call that changes something. */
  csrf: string
  /** The cookie is gone or too old. */
  onSignedOut: () => void
}

/** Set by the shell once it knows who is signed in. */
export const caller: Caller = { csrf: '', onSignedOut: () => undefined }

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * One call of `/api/v1`. `path` is relative to it and already escaped. Throws `ApiProblem` for every answer that is not
 * 2xx and when nobody answers.
 */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body)
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const problem = await problemOf(response)
  if (response.status === 401 && problem.code === 'not-signed-in') caller.onSignedOut()
  throw problem
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET') headers['x-stint-csrf'] = caller.csrf
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new ApiProblem({ ...unreachable(), title: 'The server cannot be reached.', status: 0 })
  }
}

function unreachable() {
  const { code } = refuse('server-unreachable')
  return { code, hint: 'Check your connection, or ask whoever runs the server. Nothing was changed.' }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const problem = (await response.json()) as Problem
    if (typeof problem.code === 'string' && typeof problem.title === 'string') {
      return new ApiProblem({ ...problem, status: response.status })
    }
  } catch {
    // Not ours: a proxy in between answered.
  }
  return new ApiProblem({
    code: `http-${response.status}`,
    title: 'The server gave an answer that this page does not understand.',
    hint: 'Reload the page. If it stays, whoever runs the server finds more in its log.',
    status: response.status,
  })
}

/** Whatever was thrown, as something a person can read. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem({
    code: 'fault',
    title: 'Something in this page broke.',
    hint: 'Reload it. If it happens again, report it with what you did before.',
    status: 0,
  })
}
