import { base64url, CompactSign, type CryptoKey, compactVerify, errors, type JWK } from 'jose'
import { COUNTER_MAX, text, toHex } from './bytes.ts'
import { CodeError } from './errors.ts'
import { type Json, jcs } from './jcs.ts'
import { parseRequestCode, requestText } from './request-code.ts'

/**
 * Answer token (protocol 5.8): a JWS of one form only. Compact serialisation, Ed25519, protected header exactly
 * `{alg, kid, typ}`, header and payload in JCS. Whatever else a JWS could be is refused (protocol 6.1).
 */
export const ANSWER_TOKEN_TYP = 'stint-answer+json'

/** Longest token, in characters without white space. A real one has about 420. */
export const ANSWER_TOKEN_MAX = 4096

/** Shortest and longest duration a token can carry, in seconds: a minute, seven days. */
export const ANSWER_DURATION_MIN = 60
export const ANSWER_DURATION_MAX = 604_800

export interface AnswerPayload {
  readonly v: 1
  /** request code in its one text form, `2NK6Y-8JNWX-18W2A` */
  readonly req: string
  /** deviceId, lower-case hex */
  readonly dev: string
  /** full request counter, from 1 */
  readonly ctr: number
  /** userId as in the request, in NFC */
  readonly usr: string
  /** seconds, ANSWER_DURATION_MIN … ANSWER_DURATION_MAX: no default and no sign-out here */
  readonly dur: number
  /** end elevated processes at expiry */
  readonly end: boolean
  /** elevation profile, 0 … 7 */
  readonly prof: number
  /** UUIDv7 of the issuance */
  readonly jti: string
  /** issued at, seconds since 1970 */
  readonly iat: number
}

/** The public key stored with a key id in the trust bundle; its algorithm is Ed25519 by purpose `answer`. */
export type AnswerKeyLookup = (
  kid: string,
) => CryptoKey | JWK | undefined | Promise<CryptoKey | JWK | undefined>

const USER_ID_MAX = 256 // bytes of UTF-8
const TOKEN_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const HEX16 = /^[0-9a-f]{32}$/
const KID = /^[A-Za-z0-9._-]{1,64}$/
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Signs an answer. `key` is the issuer's private Ed25519 key. Throws `argument` for an invalid payload or kid. */
export async function signAnswerToken(
  payload: AnswerPayload,
  key: CryptoKey | JWK,
  kid: string,
): Promise<string> {
  if (!KID.test(kid)) throw new CodeError('argument', 'a key id is 1 to 64 of A-Z a-z 0-9 . _ -')
  if (!isAnswerPayload(payload)) throw new CodeError('argument', 'the answer has a member out of range')
  const { v, req, dev, ctr, usr, dur, end, prof, jti, iat } = payload
  const body = new TextEncoder().encode(jcs({ v, req, dev, ctr, usr, dur, end, prof, jti, iat }))
  return new CompactSign(body).setProtectedHeader({ alg: 'Ed25519', kid, typ: ANSWER_TOKEN_TYP }).sign(key)
}

/**
 * Verifies an answer token and gives its payload. Spaces and line breaks are dropped first (mail wraps lines);
 * nothing else is forgiven. Whether `req` is the open request, `dev` this device and `usr` this user is the caller's to
 * compare. Throws `token-size`, `token-form`, `token-header`, `token-key`, `token-signature`, `token-payload`,
 * in this order.
 */
export async function verifyAnswerToken(typed: string, keyOf: AnswerKeyLookup): Promise<AnswerPayload> {
  const token = tidyToken(typed)
  const { header, body } = splitToken(token)
  const kid = readHeader(header)
  const key = await keyOf(kid)
  if (!key) throw new CodeError('token-key', 'The key that signed this answer is not known here.')
  await verifySignature(token, key)
  return readPayload(body)
}

/** The token without spaces, tabs and line breaks. Throws `token-size`, `token-form`. */
export function tidyToken(typed: string): string {
  // Danger: bounded before anything walks the text; a mail program adds far less than as much again.
  const token = typed.length > 2 * ANSWER_TOKEN_MAX ? typed : typed.replace(/[ \t\r\n]+/g, '')
  if (token.length > ANSWER_TOKEN_MAX) throw new CodeError('token-size', 'This is too long to be an answer.')
  if (!TOKEN_FORM.test(token)) throw new CodeError('token-form', 'This is not a complete answer.')
  return token
}

function splitToken(token: string): { header: string; body: string } {
  const [header, body] = token.split('.').map(canonicalBytes)
  return { header: utf8Text(header), body: utf8Text(body) }
}

/** Bytes of a base64url part. Throws `token-form` for a length or unused bits that no encoder writes. */
function canonicalBytes(part: string): Uint8Array {
  // One character cannot be left over from whole bytes; jose throws a TypeError of its own for it.
  const bytes = part.length % 4 === 1 ? undefined : base64url.decode(part)
  if (!bytes || base64url.encode(bytes) !== part) {
    throw new CodeError('token-form', 'This answer is not written canonically.')
  }
  return bytes
}

function utf8Text(bytes: Uint8Array | undefined): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    throw new CodeError('token-form', 'This answer is not text.')
  }
}

function readHeader(text: string): string {
  const header = parseCanonical(text)
  const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined
  const exact = typeof kid === 'string' && KID.test(kid)
  if (!exact || text !== jcs({ alg: 'Ed25519', kid, typ: ANSWER_TOKEN_TYP })) {
    throw new CodeError('token-header', 'This is not an answer of this system.')
  }
  return kid
}

/** Whether a verified token is for this device and the user of its open request; otherwise it is `bad`. */
export function isTokenFor(payload: AnswerPayload, deviceId: Uint8Array, userId: string): boolean {
  return payload.dev === toHex(deviceId) && payload.usr === userId.normalize('NFC')
}

/** The verdict that a refused token is reported with. */
export function tokenVerdict(refusal: CodeError): 'format' | 'bad' {
  return refusal.code === 'token-key' || refusal.code === 'token-signature' ? 'bad' : 'format'
}

async function verifySignature(token: string, key: CryptoKey | JWK): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: ['Ed25519'] })
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw new CodeError('token-signature', 'The signature of this answer is not right.')
    }
    throw new CodeError('token-key', 'The key that signed this answer cannot be used here.')
  }
}

function readPayload(text: string): AnswerPayload {
  const payload = parseCanonical(text)
  if (!isAnswerPayload(payload))
    throw new CodeError('token-payload', 'This answer does not say what it must.')
  return payload
}

/** The value if the text is exactly its canonical form, which also refuses duplicate members. */
function parseCanonical(text: string): unknown {
  try {
    const value: Json = JSON.parse(text)
    return jcs(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

type MemberChecks = { readonly [Name in keyof AnswerPayload]-?: (value: unknown) => boolean }

const integerIn = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
const textLike = (form: RegExp) => (value: unknown) => typeof value === 'string' && form.test(value)

const MEMBERS: MemberChecks = {
  v: (value) => value === 1,
  req: (value) => typeof value === 'string' && isRequestText(value),
  dev: textLike(HEX16),
  ctr: integerIn(1, COUNTER_MAX),
  usr: (value) => typeof value === 'string' && isUserId(value),
  dur: integerIn(ANSWER_DURATION_MIN, ANSWER_DURATION_MAX),
  end: (value) => typeof value === 'boolean',
  prof: integerIn(0, 7),
  jti: textLike(UUID7),
  iat: integerIn(0, COUNTER_MAX),
}

function isAnswerPayload(value: unknown): value is AnswerPayload {
  if (typeof value !== 'object' || value === null) return false
  const members: [string, unknown][] = Object.entries(value)
  if (members.length !== Object.keys(MEMBERS).length) return false
  return members.every(
    ([name, member]) => Object.hasOwn(MEMBERS, name) && MEMBERS[name as keyof AnswerPayload](member),
  )
}

function isUserId(value: string): boolean {
  return value.isWellFormed() && value === value.normalize('NFC') && text(value).length <= USER_ID_MAX
}

function isRequestText(value: string): boolean {
  try {
    return requestText(parseRequestCode(value)) === value
  } catch {
    return false
  }
}
