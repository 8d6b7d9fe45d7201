import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Fault } from '@stint/elevation'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { misbehaves } from './answer.ts'
import {
  answerMax,
  type ServerAnswer,
  type ServerLink,
  type ServerRequest,
  type StreamHearing,
} from './links.ts'

export interface HttpServerOptions {
  /** An exchange is given up after this long. */
  readonly timeoutMs: number
}

/**
 * The server over HTTP. Follows no redirect, keeps no cookie, and reads no more than it must. Node's own client and
 * not `fetch`, which would take half as much memory again on every computer, all day.
 */
export function httpServer({ timeoutMs }: HttpServerOptions = { timeoutMs: 10_000 }): ServerLink {
  return {
    async send(request) {
      const signal = AbortSignal.timeout(timeoutMs)
      return reaching(async () => readAnswer(await exchange(request, signal)))
    },
    async stream(request, hear, signal) {
      return reaching(async () => {
        const response = await exchange(request, signal)
        if (response.statusCode !== 200) return readAnswer(response)
        await readEvents(response, hear)
        return null
      })
    },
  }
}

async function exchange(request: ServerRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const response = await answered(request, signal)
  const { statusCode = 0 } = response
  if (statusCode < 300 || statusCode >= 400) return response
  response.destroy()
  throw misbehaves('The server sends somewhere else')
}

/** Resolves with the head of the answer; the signal ends what follows too. */
function answered(
  { method, url, headers, body }: ServerRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  const content = method === 'GET' ? {} : { 'content-length': body.length }
  return new Promise((resolve, reject) => {
    const sent = send(url, { method, headers: { ...headers, ...content }, signal }, resolve)
    sent.on('error', reject)
    sent.end(method === 'GET' ? undefined : body)
  })
}

/** What the system answers while this computer has no way out, or nobody to ask for the server's address. */
const noNetwork: ReadonlySet<string> = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAI_AGAIN'])

/** What is no `Fault` already came from the network: names the system's code, never an address or a body. */
async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw error
    const code = systemCode(error)
    throw new Fault(
      noNetwork.has(code) ? 'no-network' : 'server-unreachable',
      `The server cannot be reached (${code})`,
      'It is tried again by itself; check the network and the server.',
      { cause: error },
    )
  }
}

function systemCode(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.name : 'unknown'
}

/** A success must be JSON or empty. What stands between may refuse in its own form: then only the status counts. */
async function readAnswer(response: IncomingMessage): Promise<ServerAnswer> {
  const { statusCode: status = 0 } = response
  const text = await readText(response)
  if (text === '') return { status, json: undefined }
  const isJson = /^application\/(?:problem\+)?json(?:;|$)/i.test(response.headers['content-type'] ?? '')
  try {
    if (isJson) return { status, json: JSON.parse(text) }
  } catch {
    // Falls through to what is done with anything else.
  }
  if (status >= 200 && status < 300) throw misbehaves('An answer of the server is not JSON')
  return { status, json: undefined }
}

async function readText(response: IncomingMessage): Promise<string> {
  if (Number(response.headers['content-length'] ?? 0) > answerMax) {
    response.destroy()
    throw tooLong()
  }
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length
    if (length > answerMax) throw tooLong()
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

async function readEvents(response: IncomingMessage, hear: StreamHearing): Promise<void> {
  if (!/^text\/event-stream(?:;|$)/i.test(response.headers['content-type'] ?? '')) {
    response.destroy()
    throw misbehaves('The server’s stream is not one of events')
  }
  hear.alive()
  const events: EventSourceMessage[] = []
  let held = 0
  const nothingHeld = () => {
    held = 0
  }
  const parser = createParser({
    onEvent: (event) => {
      nothingHeld()
      events.push(event)
    },
    onComment: nothingHeld,
  })
  const decode = utf8Decoder()
  for await (const part of response as AsyncIterable<Buffer>) {
    hear.alive()
    held += part.length
    parser.feed(decode(part))
    if (held > answerMax) throw tooLong()
    for (const { id, data } of events.splice(0)) await hear.event({ id, data })
  }
}

/** Text of a stream of bytes, wherever it is cut. */
function utf8Decoder(): (part: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return (part) => {
    try {
      return decoder.decode(part, { stream: true })
    } catch (error) {
      throw misbehaves('The server’s stream is not UTF-8', error)
    }
  }
}

function tooLong(): Fault {
  return misbehaves('The server says more than was agreed')
}
