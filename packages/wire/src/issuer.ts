/**
 * The conversation between the server and the issuer, over a unix socket that only the server's account can open.
 * The issuer never returns a key. Every call that gives something out is in its own append-only record first.
 */
import { EnrolHello, HealHello } from './device.ts'
import { Hex, Id, Seconds, type Static, Strict, Text, Time, Type } from './parse.ts'

const id = { id: Type.Integer({ minimum: 1, maximum: 2 ** 31 }) }
const device = { deviceId: Hex(16) }

/** What the server knows about a computer that a typed code could belong to. */
export const CandidateDevice = Strict({
  ...device,
  users: Type.Array(Strict({ slot: Type.Integer({ minimum: 0, maximum: 13 }), userId: Text(300) })),
  /** Users to try for slot 14, such as the name that the approver typed. */
  otherUsers: Type.Array(Text(300), { maxItems: 50 }),
  /** Highest request counter the server has seen of this computer; -1 before the first. */
  lastCounter: Type.Integer({ minimum: -1 }),
  /** Policy serials delivered or acknowledged, newest first. */
  policySerials: Type.Array(Type.Integer(), { minItems: 1, maxItems: 16 }),
})
export type CandidateDevice = Static<typeof CandidateDevice>

export const ResolvedCode = Strict({
  ...device,
  /** Canonical text of the code that fits. */
  requestCode: Type.String(),
  kind: Type.Integer({ minimum: 0, maximum: 3 }),
  epoch: Type.Integer(),
  counter: Type.Integer(),
  policySerial: Type.Integer(),
  userId: Type.String(),
  /** The counter is not above the last seen: the computer's state may have been set back. */
  counterWentBack: Type.Boolean(),
})
export type ResolvedCode = Static<typeof ResolvedCode>

/** `match`: as typed. `suggestions`: not as typed, but these are one symbol or one swap away, likeliest first. */
export const ResolveResult = Strict({
  match: Type.Union([ResolvedCode, Type.Null()]),
  suggestions: Type.Array(ResolvedCode, { maxItems: 5 }),
})
export type ResolveResult = Static<typeof ResolveResult>

/** Everything that an answer is bound to, and who is answerable for it. */
const answerFor = {
  /** The same approval asked again gives the same code, and is recorded again. */
  approvalId: Id,
  requestId: Id,
  approver: Text(300),
  requestCode: Type.String({ maxLength: 40 }),
  ...device,
  epoch: Type.Integer(),
  counter: Type.Integer(),
  policySerial: Type.Integer(),
  userId: Text(300),
  endProcesses: Type.Boolean(),
  profile: Type.Integer({ minimum: 0, maximum: 7 }),
}

export const IssuerCall = Type.Union([
  /** → TrustInfo */
  Strict({ ...id, call: Type.Literal('trust') }),
  /** → { tokenId, psk }; the secret leaves once. */
  Strict({
    ...id,
    call: Type.Literal('token.create'),
    expiresAt: Time,
    uses: Type.Integer({ minimum: 1, maximum: 10_000 }),
  }),
  Strict({ ...id, call: Type.Literal('token.revoke'), tokenId: Hex(16) }),
  /** Verifies also that the computer named `lsk`. → { deviceId, devNo, eS, nS, confirmS, sigS, trust } */
  Strict({ ...id, call: Type.Literal('enrol'), hello: EnrolHello }),
  /** → {} or refused `bad` */
  Strict({ ...id, call: Type.Literal('enrol.confirm'), ...device, confirmD: Hex(32) }),
  /** → { epoch, eS, nS, confirmS, sigS } */
  Strict({ ...id, call: Type.Literal('heal'), ...device, hello: HealHello }),
  Strict({ ...id, call: Type.Literal('heal.confirm'), ...device, epoch: Type.Integer(), confirmD: Hex(32) }),
  /** Erases the computer's code keys. → {} */
  Strict({ ...id, call: Type.Literal('device.revoke'), ...device }),
  /** → ResolveResult */
  Strict({
    ...id,
    call: Type.Literal('resolve'),
    text: Type.String({ maxLength: 200 }),
    devices: Type.Array(CandidateDevice, { maxItems: 200 }),
  }),
  /** `minutes` is one of the duration table. → { text, digits, words } */
  Strict({
    ...id,
    call: Type.Literal('answer.code'),
    ...answerFor,
    minutes: Type.Integer({ minimum: 1, maximum: 10080 }),
  }),
  /** → { token, jti } */
  Strict({ ...id, call: Type.Literal('answer.token'), ...answerFor, seconds: Seconds }),
  /** Compact JWS of a DevicePolicy. → { jws } */
  Strict({ ...id, call: Type.Literal('sign.policy'), policy: Type.Unknown() }),
  /**
   * Signs the ledger at one size, as a note. Never two roots of one size, and never a smaller size than before. → { note }
   */
  Strict({
    ...id,
    call: Type.Literal('sign.checkpoint'),
    origin: Text(200),
    size: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    root: Hex(32),
  }),
  /** Signs `manifest.txt` of an evidence bundle, as a note (spec: evidence, bundle). → { note } */
  Strict({ ...id, call: Type.Literal('sign.export'), text: Text(65_536) }),
])
export type IssuerCall = Static<typeof IssuerCall>

export interface TrustInfo {
  /** 16 bytes, hex. */
  readonly tenant: string
  /** Canonical JSON text of the bundle, and its SHA-256 in hex. */
  readonly trust: string
  readonly trustHash: string
}

/** What a computer pins at enrolment: the public keys it believes, by purpose. */
export const TrustBundle = Strict({
  v: Type.Literal(1),
  n: Type.Integer({ minimum: 1 }),
  tenant: Hex(16),
  /** Seconds since 1970. */
  iat: Type.Integer(),
  keys: Type.Array(
    Strict({
      kid: Text(64),
      alg: Type.Literal('Ed25519'),
      pub: Hex(32),
      use: Type.Union([
        Type.Literal('answer'),
        Type.Literal('policy'),
        Type.Literal('passcode'),
        Type.Literal('revocation'),
        Type.Literal('server-log'),
      ]),
      nbf: Type.Integer(),
      exp: Type.Integer(),
    }),
    { maxItems: 64 },
  ),
})
export type TrustBundle = Static<typeof TrustBundle>

export interface IssuerResults {
  trust: TrustInfo
  'token.create': { readonly tokenId: string; readonly psk: string }
  'token.revoke': Record<string, never>
  enrol: {
    readonly deviceId: string
    readonly devNo: number
    readonly eS: string
    readonly nS: string
    readonly confirmS: string
    readonly sigS: string
    readonly trust: string
  }
  'enrol.confirm': Record<string, never>
  heal: {
    readonly epoch: number
    readonly eS: string
    readonly nS: string
    readonly confirmS: string
    readonly sigS: string
  }
  'heal.confirm': Record<string, never>
  'device.revoke': Record<string, never>
  resolve: ResolveResult
  'answer.code': { readonly text: string; readonly digits: string; readonly words: readonly string[] }
  'answer.token': { readonly token: string; readonly jti: string }
  'sign.policy': { readonly jws: string }
  'sign.checkpoint': { readonly note: string }
  'sign.export': { readonly note: string }
}
