import { Fault, refuse } from '@stint/elevation'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { faultProblem, type ProblemDetails, problemOf, RefusedCall } from './problem.ts'
import type { App } from './server.ts'

/** Whatever goes wrong, the caller gets problem details with a code and a next step; a fault goes to the log. */
export function answerFailures(app: App): void {
  app.setErrorHandler((error, request, reply) => send(reply, problemFor(error, request)))
}

/** Nothing lives at this address of the API. */
export function answerNotFound(reply: FastifyReply): FastifyReply {
  return send(reply, problemOf(refuse('not-found')))
}

function send(reply: FastifyReply, problem: ProblemDetails): FastifyReply {
  const { details } = problem
  if (problem.status === 429 && typeof details?.remainingMs === 'number')
    reply.header('retry-after', Math.ceil(details.remainingMs / 1000))
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem)
}

function problemFor(error: unknown, request: FastifyRequest): ProblemDetails {
  const refusedCall = refusedIn(error)
  if (refusedCall !== null) {
    const { refusal, fields, status } = refusedCall
    return problemOf(refusal, { ...(fields && { fields }), ...(status && { status }) })
  }
  const status = statusIn(error)
  if (status !== null) return problemOf(refuse('invalid', { hint: hintFor(status) }), { status })
  request.log.error({ err: error, requestId: request.id }, 'a call failed')
  return faultProblem(request.id, error instanceof Fault ? error : undefined)
}

/** Fastify hands a validator's error on as it is, or as the cause of its own. */
function refusedIn(error: unknown): RefusedCall | null {
  if (error instanceof RefusedCall) return error
  return error instanceof Error && error.cause instanceof RefusedCall ? error.cause : null
}

/** The status of what Fastify itself refuses: too large, wrong media type, unreadable address. */
function statusIn(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null
}

function hintFor(status: number): string {
  if (status === 413) return 'That is too much at once; send less.'
  if (status === 415) return 'Send JSON, with content-type application/json.'
  return 'Check the address, the headers and the body.'
}
