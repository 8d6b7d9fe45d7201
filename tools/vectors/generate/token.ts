import { createPublicKey, verify } from 'node:crypto'
import { hex } from './bytes.ts'

export interface TokenKey {
  readonly kid: string
  readonly purpose: string
  readonly alg: string
  readonly publicKey: Uint8Array
}

/** The open request that a token has to answer. */
export interface TokenTarget {
  readonly deviceId: string
  readonly request: string
  readonly counter: number
  readonly userId: string
}

export type TokenResult = 'ok' | 'format' | 'bad' | 'expired'

const order = (1n << 252n) + 27_742_317_777_372_353_535_851_937_790_883_648_493n

/** spec/answer-token.md, Verifying, for an OPEN request and no quarantine. */
export function verifyToken(typed: string, keys: readonly TokenKey[], target: TokenTarget): TokenResult {
  const token = typed.replace(/[ \t\r\n]/g, '')
  const [header, payload, signature, ...more] = token.split('.').map(canonicalBytes)
  if (token.length > 4096 || !header || !payload || !signature || more.length > 0) return 'format'
  const head = flatObject(header)
  if (head === null || !isHeader(head)) return 'format'
  const key = keys.find(
    ({ kid, purpose, alg }) => kid === head.kid && purpose === 'answer' && alg === 'Ed25519',
  )
  const signed = token.slice(0, token.lastIndexOf('.'))
  if (key === undefined || !signatureFits(signed, signature, key.publicKey)) return 'bad'
  const claims = flatObject(payload)
  if (claims === null || !isPayload(claims)) return 'format'
  if (claims.dev !== target.deviceId || claims.usr !== target.userId.normalize('NFC')) return 'bad'
  return claims.req === target.request && claims.ctr === target.counter ? 'ok' : 'expired'
}

/** Bytes of base64url without padding, or null when another text would give the same bytes. */
function canonicalBytes(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : null
}

/** Members of a flat JSON object in canonical form, or null. */
function flatObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null
    const sorted = Object.entries(parsed).sort(([a], [b]) => (a < b ? -1 : 1))
    return JSON.stringify(Object.fromEntries(sorted)) === text ? Object.fromEntries(sorted) : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null
    throw error
  }
}

function isHeader(head: Record<string, unknown>): boolean {
  const kid = head.kid
  return (
    Object.keys(head).join() === 'alg,kid,typ' &&
    head.alg === 'Ed25519' &&
    head.typ === 'stint-answer+json' &&
    typeof kid === 'string' &&
    /^[A-Za-z0-9._-]{1,64}$/.test(kid)
  )
}

function signatureFits(signed: string, signature: Buffer, publicKey: Uint8Array): boolean {
  if (signature.length !== 64) return false
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`)
  const key = createPublicKey({
    key: Buffer.concat([hex('302a300506032b6570032100'), publicKey]),
    format: 'der',
    type: 'spki',
  })
  return s < order && verify(null, Buffer.from(signed), key, signature)
}

const integer =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most

const matching =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

const symbol = '[0-9A-HJKMNP-TV-Z]'

/** Members of the payload and what each has to be, in the order of their names. */
const rules: Record<string, (value: unknown) => boolean> = {
  ctr: integer(1, Number.MAX_SAFE_INTEGER),
  dev: matching(/^[0-9a-f]{32}$/),
  dur: integer(60, 604_800),
  end: (value) => typeof value === 'boolean',
  iat: integer(0, Number.MAX_SAFE_INTEGER),
  jti: matching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  prof: integer(0, 7),
  req: matching(new RegExp(`^${symbol}{5}(-${symbol}{5}){2,3}$`)),
  usr: (value) =>
    typeof value === 'string' &&
    value.isWellFormed() &&
    value.normalize('NFC') === value &&
    Buffer.byteLength(value) <= 256,
  v: integer(1, 1),
}

const isPayload = (claims: Record<string, unknown>): boolean =>
  Object.keys(claims).join() === Object.keys(rules).join() &&
  Object.entries(rules).every(([member, rule]) => rule(claims[member]))
