/**
 * How a computer's calls to the server are signed after its session proof: RFC 9421 HTTP message signatures with
 * `hmac-sha256`, in one fixed profile. Covered are, always and in this order, `@method`, `@path`, `@query` and
 * `content-digest` (RFC 9530 `sha-256`, also over an empty body); the parameters are, always and in this order,
 * `created`, `nonce`, `keyid` and `alg`. Anything written differently is refused, although RFC 9421 would allow it.
 *
 * Time. `created` is in seconds of the *server's* clock: the computer's own may be wrong by years. `SessionGrant.now`
 * tells the courier the server's time when its session starts, and the courier adds what has passed since. The
 * server takes `created` within `signatureWindowSeconds` of its clock and remembers the nonces of that window
 * (`NonceMemory`), so a copied call is refused inside the window by its nonce and outside it by its time.
 *
 * A proxy between them must not change method, path, query or body.
 */

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Outcome, refused } from '@stint/elevation'

/** How far `created` may be from the server's clock, in seconds, either way. */
export const signatureWindowSeconds = 60

/** `target` is the request target exactly as in the request line: path, and `?query` if there is one. */
export interface SignableRequest {
  readonly method: string
  readonly target: string
  readonly body: Uint8Array
}

/** `nonce` is 16 random bytes, new for every call; `created` in seconds since 1970, by the server's clock. */
export interface SignatureParams {
  readonly keyId: string
  readonly created: number
  readonly nonce: Uint8Array
}

export interface SignatureHeaders {
  readonly 'content-digest': string
  readonly 'signature-input': string
  readonly signature: string
}

/** What the three headers say, well-formed but not verified. `nonce` is its text. */
export interface ReadSignature {
  readonly keyId: string
  readonly created: number
  readonly nonce: string
  readonly contentDigest: string
  readonly mac: Uint8Array
}

/** Which step refused; in `details.reason` of the refusal `device-unauthenticated`. */
export type SignatureReason = 'form' | 'digest' | 'signature' | 'created' | 'nonce'

const components = '("@method" "@path" "@query" "content-digest")'
const digestForm = /^sha-256=:[A-Za-z0-9+/]{43}=:$/
const inputForm =
  /^stint=\("@method" "@path" "@query" "content-digest"\);created=([1-9][0-9]{0,11});nonce="([A-Za-z0-9_-]{22})";keyid="([0-9a-f-]{36})";alg="hmac-sha256"$/
const signatureForm = /^stint=:([A-Za-z0-9+/]{43}=):$/

/** Signs a call. `key` is the session's MAC key, 32 bytes (`deviceMacKey`). */
export function sign(request: SignableRequest, key: Uint8Array, params: SignatureParams): SignatureHeaders {
  const contentDigest = digestOf(request.body)
  const written = writeParams({ ...params, nonce: nonceText(params.nonce) })
  const mac = hmac(sha256, key, base(request, contentDigest, written))
  return {
    'content-digest': contentDigest,
    'signature-input': `stint=${written}`,
    signature: `stint=:${toBase64(mac)}:`,
  }
}

/**
 * Reads the headers, so that the server can find the key by `keyId`. A header that came twice is not a string and
 * is refused. Refusal `device-unauthenticated`, reason `form`.
 */
export function readSignature(headers: Readonly<Record<string, unknown>>): Outcome<ReadSignature> {
  const contentDigest = headers['content-digest']
  const input = headers['signature-input']
  const signature = headers.signature
  if (typeof contentDigest !== 'string' || typeof input !== 'string' || typeof signature !== 'string')
    return no('form')
  const [, created, nonce, keyId] = inputForm.exec(input) ?? []
  const mac = fromBase64(signatureForm.exec(signature)?.[1])
  if (created === undefined || nonce === undefined || keyId === undefined || mac === undefined)
    return no('form')
  if (!digestForm.test(contentDigest)) return no('form')
  return { ok: true, value: { keyId, created: Number(created), nonce, contentDigest, mac } }
}

/**
 * Verifies a call that was read with `readSignature`: body digest, signature, then time. The nonce is judged by
 * `NonceMemory` after this, so that a stranger cannot fill the memory. Refusal `device-unauthenticated`, reasons
 * `digest`, `signature`, `created`.
 */
export function verify(
  request: SignableRequest,
  read: ReadSignature,
  key: Uint8Array,
  nowSeconds: number,
): Outcome<{ readonly keyId: string }> {
  if (digestOf(request.body) !== read.contentDigest) return no('digest')
  const expected = hmac(sha256, key, base(request, read.contentDigest, writeParams(read)))
  if (!sameBytes(expected, read.mac)) return no('signature')
  if (Math.abs(nowSeconds - read.created) > signatureWindowSeconds) return no('created')
  return { ok: true, value: { keyId: read.keyId } }
}

/**
 * Nonces seen within the window. One per server process: a session belongs to the process that granted it, or the
 * processes share this memory. Holds an entry for at most twice the window.
 */
export class NonceMemory {
  /** Oldest first; a `Map` keeps the order of insertion. Value: when it may be forgotten, in seconds. */
  readonly #seen = new Map<string, number>()

  /** Takes a verified call. Refusal `device-unauthenticated`, reason `nonce`, when it came before. */
  take(read: ReadSignature, nowSeconds: number): Outcome<Record<string, never>> {
    for (const [name, until] of this.#seen) {
      if (until >= nowSeconds) break
      this.#seen.delete(name)
    }
    const name = `${read.keyId} ${read.nonce}`
    if (this.#seen.has(name)) return no('nonce')
    this.#seen.set(name, nowSeconds + 2 * signatureWindowSeconds)
    return { ok: true, value: {} }
  }

  get size(): number {
    return this.#seen.size
  }
}

function no(reason: SignatureReason) {
  return refused('device-unauthenticated', { details: { reason } })
}

function writeParams(params: Pick<ReadSignature, 'created' | 'nonce' | 'keyId'>): string {
  return `${components};created=${params.created};nonce="${params.nonce}";keyid="${params.keyId}";alg="hmac-sha256"`
}

/** The signature base of RFC 9421, section 2.5. */
function base(request: SignableRequest, contentDigest: string, params: string): Uint8Array {
  const at = request.target.indexOf('?')
  const path = at === -1 ? request.target : request.target.slice(0, at)
  const query = at === -1 ? '?' : request.target.slice(at)
  return new TextEncoder().encode(
    [
      `"@method": ${request.method}`,
      `"@path": ${path}`,
      `"@query": ${query}`,
      `"content-digest": ${contentDigest}`,
      `"@signature-params": ${params}`,
    ].join('\n'),
  )
}

function digestOf(body: Uint8Array): string {
  return `sha-256=:${toBase64(sha256(body))}:`
}

function nonceText(nonce: Uint8Array): string {
  if (nonce.length !== 16) throw new RangeError('a nonce has 16 bytes')
  return toBase64(nonce).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** Undefined unless the text is exactly what `toBase64` writes. */
function fromBase64(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return toBase64(bytes) === text ? bytes : undefined
}

/** Compares without stopping at the first difference. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
