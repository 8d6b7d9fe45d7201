import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { guardedLookup } from './addresses.ts'
import { NotTaken, notTaken } from './outlet.ts'

export interface PostCall {
  readonly url: string
  readonly ca: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** More of an answer is not read. */
const ANSWER_MAX = 64 * 1024

/**
 * Posts JSON and gives the text of the answer, when that is whole and of status 2xx. Throws `NotTaken` otherwise.
 * Redirects are not followed: where facts go was chosen by an administrator, not by a receiver.
 */
export function postJson({ url, ca, headers, body }: PostCall, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(notTaken(signal.aborted ? signal.reason : error))
    const request = (url.startsWith('https:') ? requestTls : requestPlain)(
      url,
      {
        ...{ method: 'POST', agent: false, signal, lookup: guardedLookup },
        ...(ca === null ? {} : { ca }),
        ...{ minVersion: 'TLSv1.2', rejectUnauthorized: true },
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          'user-agent': 'stint',
          ...headers,
        },
      },
      (answer) => {
        const { statusCode = 0 } = answer
        const pieces: Buffer[] = []
        let length = 0
        answer.on('error', fail)
        answer.on('data', (piece: Buffer) => {
          length += piece.length
          if (length > ANSWER_MAX) request.destroy(new NotTaken('The receiver answers more than it should.'))
          else pieces.push(piece)
        })
        answer.on('end', () => {
          if (statusCode >= 200 && statusCode < 300) resolve(Buffer.concat(pieces).toString('utf8'))
          else fail(new NotTaken(statusWords(statusCode)))
        })
      },
    )
    request.on('error', fail)
    request.end(body)
  })
}

function statusWords(status: number): string {
  if (status >= 300 && status < 400)
    return `The receiver answers ${status}, a redirect; those are not followed. Give the address that it leads to.`
  if (status === 401 || status === 403)
    return `The receiver answers ${status}: it does not accept who we are.`
  return `The receiver answers ${status}.`
}
