import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { hex, toHex } from './bytes.ts'
import { alice, laptop, seeded, type VectorCase, type VectorFile } from './fixtures.ts'
import { type TokenKey, type TokenTarget, verifyToken } from './token.ts'

/** RFC 8032, section 7.1, test 1. */
const signingKey = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')

const privateKey = createPrivateKey({
  key: Buffer.concat([hex('302e020100300506032b657004220420'), signingKey]),
  format: 'der',
  type: 'pkcs8',
})

const b64u = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url')

/** A JWS of these exact header and payload texts. */
export function jws(header: string, payload: string): string {
  const input = `${b64u(header)}.${b64u(payload)}`
  return `${input}.${b64u(sign(null, Buffer.from(input), privateKey))}`
}

export const claims = {
  ctr: 37,
  dev: toHex(laptop.deviceId),
  dur: 1800,
  end: true,
  iat: 1_793_000_000,
  jti: '0199f1a2-7c3e-7d10-9a55-5f1e2b3c4d5e',
  prof: 0,
  req: '2NK6Y-8JNWX-18W2A',
  usr: alice.userId,
  v: 1,
}

export const head = '{"alg":"Ed25519","kid":"answer-1","typ":"stint-answer+json"}'

/** JSON with members in the order of their names: JCS for these flat objects. */
export const canonical = (members: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))))

const publicKey = new Uint8Array(
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
)

export const keys: TokenKey[] = [
  { kid: 'answer-1', purpose: 'answer', alg: 'Ed25519', publicKey },
  { kid: 'policy-1', purpose: 'policy', alg: 'Ed25519', publicKey },
]

export const keysJson = keys.map((key) => ({
  ...key,
  publicKey: toHex(publicKey),
  privateKey: toHex(signingKey),
}))

const target: TokenTarget = {
  deviceId: toHex(laptop.deviceId),
  request: claims.req,
  counter: 37,
  userId: alice.userId,
}

/** `result` is what the document says; the verifier has to come to the same. */
function tokenCase(id: string, why: string, token: string, result: string): VectorCase {
  const found = verifyToken(token, keys, target)
  if (found !== result) throw new Error(`${id}: ${found} instead of ${result}`)
  return { id, why, in: { token }, out: { result } }
}

const changed = (members: object): string => jws(head, canonical({ ...claims, ...members }))

const good = jws(head, canonical(claims))
const [goodHeader, goodPayload, goodSignature] = good.split('.') as [string, string, string]

/** The same signature with S + L: equal in the group, not canonical. */
function malleable(): string {
  const signature = Buffer.from(goodSignature, 'base64url')
  const order = (1n << 252n) + 27_742_317_777_372_353_535_851_937_790_883_648_493n
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
  return b64u(Buffer.concat([signature.subarray(0, 32), bytes]))
}

const tokenForm = (): VectorCase[] => [
  tokenCase('token-good', 'the example of the document', good, 'ok'),
  tokenCase('token-wrapped', 'line breaks of a mail program', good.replace(/.{60}/g, '$&\r\n '), 'ok'),
  tokenCase(
    'token-padding',
    'base64url with padding',
    `${goodHeader}.${goodPayload}=.${goodSignature}`,
    'format',
  ),
  tokenCase(
    'token-unused-bits',
    'the unused bits of the last character are not zero',
    `${goodHeader}.${goodPayload}.${nextCharacter(goodSignature)}`,
    'format',
  ),
  tokenCase('token-two-parts', 'no signature part', `${goodHeader}.${goodPayload}`, 'format'),
  tokenCase('token-four-parts', 'a part too many', `${good}.${goodSignature}`, 'format'),
  tokenCase(
    'token-too-long',
    'more than 4096 characters',
    jws(head, canonical({ ...claims, usr: 'a'.repeat(3000) })),
    'format',
  ),
  tokenCase(
    'token-header-member',
    'a member more in the header',
    jws(head.replace('{', '{"aaa":1,'), canonical(claims)),
    'format',
  ),
  tokenCase(
    'token-header-order',
    'the header is not canonical',
    jws('{"typ":"stint-answer+json","alg":"Ed25519","kid":"answer-1"}', canonical(claims)),
    'format',
  ),
  tokenCase(
    'token-header-crit',
    'crit is refused like any other member',
    jws(`${head.slice(0, 16)},"crit":["b64"]${head.slice(16)}`, canonical(claims)),
    'format',
  ),
  tokenCase(
    'token-alg-none',
    'alg none',
    `${b64u('{"alg":"none","kid":"answer-1","typ":"stint-answer+json"}')}.${goodPayload}.`,
    'format',
  ),
  tokenCase(
    'token-alg-eddsa',
    'the older name of the algorithm',
    jws(head.replace('Ed25519', 'EdDSA'), canonical(claims)),
    'format',
  ),
  tokenCase(
    'token-typ',
    'a signed passcode is no answer',
    jws(head.replace('answer+json', 'passcode+json'), canonical(claims)),
    'format',
  ),
  tokenCase(
    'token-kid-unknown',
    'no key of that name',
    jws(head.replace('answer-1', 'answer-2'), canonical(claims)),
    'bad',
  ),
  tokenCase(
    'token-kid-purpose',
    'a key for another purpose',
    jws(head.replace('answer-1', 'policy-1'), canonical(claims)),
    'bad',
  ),
  tokenCase(
    'token-signature',
    'a payload that was not signed',
    `${goodHeader}.${b64u(canonical({ ...claims, dur: 3600 }))}.${goodSignature}`,
    'bad',
  ),
  tokenCase('token-malleable', 'S + L instead of S', `${goodHeader}.${goodPayload}.${malleable()}`, 'bad'),
]

/** The last character with its lowest bit set: the same bytes for a careless decoder. */
function nextCharacter(value: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return value.slice(0, -1) + alphabet.charAt(alphabet.indexOf(value.slice(-1)) | 1)
}

const withoutJti = ({ jti: _, ...rest }: typeof claims): object => rest

const tokenPayload = (): VectorCase[] => [
  tokenCase(
    'token-spaces',
    'JSON that is not canonical',
    jws(head, JSON.stringify(JSON.parse(canonical(claims)), null, 1)),
    'format',
  ),
  tokenCase(
    'token-double-member',
    'a member twice',
    jws(head, canonical(claims).replace('"dur":1800', '"dur":60,"dur":1800')),
    'format',
  ),
  tokenCase('token-member-more', 'a member more', changed({ zzz: 1 }), 'format'),
  tokenCase('token-member-less', 'a member less', jws(head, canonical(withoutJti(claims))), 'format'),
  tokenCase('token-v-2', 'another version', changed({ v: 2 }), 'format'),
  tokenCase('token-dur-60', 'the shortest', changed({ dur: 60 }), 'ok'),
  tokenCase('token-dur-604800', 'the longest', changed({ dur: 604_800 }), 'ok'),
  tokenCase('token-dur-0', 'there is no policy default', changed({ dur: 0 }), 'format'),
  tokenCase('token-dur-59', 'too short', changed({ dur: 59 }), 'format'),
  tokenCase('token-dur-604801', 'too long', changed({ dur: 604_801 }), 'format'),
  tokenCase('token-dur-fraction', 'not an integer', changed({ dur: 1800.5 }), 'format'),
  tokenCase('token-dur-text', 'a number as text', changed({ dur: '1800' }), 'format'),
  tokenCase('token-prof-8', 'no such profile', changed({ prof: 8 }), 'format'),
  tokenCase('token-end-1', 'a number for a boolean', changed({ end: 1 }), 'format'),
  tokenCase('token-ctr-0', 'the first request has 1', changed({ ctr: 0 }), 'format'),
  tokenCase(
    'token-jti-v4',
    'a UUID of version 4',
    changed({ jti: '0199f1a2-7c3e-4d10-9a55-5f1e2b3c4d5e' }),
    'format',
  ),
  tokenCase('token-dev-upper', 'hex in capitals', changed({ dev: claims.dev.toUpperCase() }), 'format'),
  tokenCase(
    'token-req-lower',
    'the request code is not in its canonical text',
    changed({ req: claims.req.toLowerCase() }),
    'format',
  ),
  tokenCase(
    'token-usr-nfd',
    'a name that is not in NFC',
    changed({ usr: 'zoe\u0308@example.org' }),
    'format',
  ),
  tokenCase(
    'token-other-device',
    'for another device',
    changed({ dev: toHex(seeded('other device', 16)) }),
    'bad',
  ),
  tokenCase('token-other-user', 'for another user', changed({ usr: 'EXAMPLE\\bob' }), 'bad'),
  tokenCase(
    'token-other-request',
    'for another request of this user',
    changed({ req: '2NK6Y-F3000-7X4YK', ctr: 38 }),
    'expired',
  ),
  tokenCase('token-other-counter', 'the same text under another counter', changed({ ctr: 69 }), 'expired'),
]

export function answerTokenFile(): VectorFile {
  return {
    name: 'answer-token.json',
    note: 'tokens against one open request; keys of the trust bundle by kid. See spec/answer-token.md',
    given: {
      keys: keysJson,
      deviceId: target.deviceId,
      open: { request: target.request, counter: target.counter, userId: target.userId },
      header: head,
      payload: canonical(claims),
    },
    vectors: [...tokenForm(), ...tokenPayload()],
  }
}
