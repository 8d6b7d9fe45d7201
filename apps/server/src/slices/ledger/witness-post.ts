import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { AskWitness } from './witnesses.ts'

/** A witness that has said nothing for this long is asked again later. */
const PATIENCE_MS = 10_000
const ANSWER_BYTES_MAX = 64 * 1024

/** Follows no redirect and sends nothing but the text. */
export const postToWitness: AskWitness = (url, body) =>
  new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? overHttps : overHttp
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) }
    const call = request(
      url,
      { method: 'POST', headers, signal: AbortSignal.timeout(PATIENCE_MS) },
      (answer) => {
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) call.destroy(new Error('the answer is too long'))
          chunks.push(chunk)
        })
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        )
      },
    )
    call.on('error', reject)
    call.end(body)
  })
