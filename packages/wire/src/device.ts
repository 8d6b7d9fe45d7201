/**
 * The conversation between a computer's courier and the server, under `/api/v1/device`. JSON bodies.
 * Enrolment is protocol section 4.2, heal 4.3. After `session`, every call carries an RFC 9421 signature made with
 * the session's MAC key (`device-signature.ts`).
 */
import { DeviceFacts, JournalEntry, RequestFact } from './journal.ts'
import { Count, Count32, Hex, Id, List, type Static, Strict, Text, Time, Type } from './parse.ts'

/** What an administrator copies to a new computer, as `stint-enroll.` + base64url of this JSON. */
export const EnrollmentTokenContent = Strict({
  v: Type.Literal(1),
  url: Text(2000),
  tenant: Hex(16),
  tokenId: Hex(16),
  psk: Hex(32),
  trustHash: Hex(32),
  /** Seconds since 1970. */
  exp: Type.Integer(),
})
export type EnrollmentTokenContent = Static<typeof EnrollmentTokenContent>

/** POST /enrol */
export const EnrolHello = Strict({
  tokenId: Hex(16),
  /** Ed25519 identity and X25519 static public keys, ephemeral public key, nonce. */
  dik: Hex(32),
  dxk: Hex(32),
  eD: Hex(32),
  nD: Hex(16),
  facts: DeviceFacts,
  /** HMAC(PSK, enc("stint/v1/enrol-hello", tenant, tokenId, DIK, DXK, eD, nD, JCS(facts))). */
  mac: Hex(32),
  /** Ed25519 by DIK over the same fields under their own label (`enrolHelloMessage` of `@stint/code`). */
  sig: Hex(64),
  /** Ed25519 public key that signs the first checkpoint of the journal (spec: evidence, the first key). */
  lsk: Hex(32),
  /** Ed25519 by DIK over `logKeyMessage` of `@stint/code`. */
  lskSig: Hex(64),
})
export type EnrolHello = Static<typeof EnrolHello>

export const EnrolWelcome = Strict({
  deviceId: Hex(16),
  devNo: Type.Integer({ minimum: 0, maximum: 2 ** 22 - 1 }),
  eS: Hex(32),
  nS: Hex(16),
  /** JCS text; its SHA-256 is the token's `trustHash`. */
  trust: Text(65_536),
  /** Signed policy, compact JWS. */
  policy: Text(65_536),
  /** Server's confirmation, hex of 32 bytes. */
  confirmS: Hex(32),
  /** By the bundle's policy key over `enrolAnswerMessage(th)`: a leaked token alone cannot play the server. */
  sigS: Hex(64),
})
export type EnrolWelcome = Static<typeof EnrolWelcome>

/** POST /enrol/confirm: only after this is the computer enrolled and the token's use counted. Repeating it is harmless. */
export const EnrolConfirm = Strict({ deviceId: Hex(16), confirmD: Hex(32) })
export type EnrolConfirm = Static<typeof EnrolConfirm>

/** POST /challenge: `{deviceId}` → `{nonce}`; a nonce is good once, for a minute. */
export const Challenge = Strict({ deviceId: Hex(16) })
export const ChallengeAnswer = Strict({ nonce: Hex(32) })

/** POST /session. The agent signs; the courier's key pair lives for this session only. */
export const SessionProof = Strict({
  deviceId: Hex(16),
  nonce: Hex(32),
  /** X25519, made by the courier. */
  courierKey: Hex(32),
  /** Ed25519 by DIK over enc("stint/v1/device-session", tenant, deviceId, nonce, courierKey). */
  sig: Hex(64),
})
export type SessionProof = Static<typeof SessionProof>
export const SessionGrant = Strict({
  sessionKeyId: Id,
  /** X25519; the MAC key is `deviceMacKey` of `@stint/code/device-proofs`. */
  serverKey: Hex(32),
  /** The server's clock; `created` of every signature is counted from it. */
  now: Time,
  expiresAt: Time,
})
export type SessionGrant = Static<typeof SessionGrant>

/** POST /requests: idempotent by requestId. → 204 */
export const RequestMessage = RequestFact

/** POST /journal: entries in order, each whole. The answer says what is durable. Sending an entry again is harmless. */
export const JournalUpload = Strict({
  entries: Type.Array(JournalEntry, { maxItems: 500 }),
  /** Notes, rising; the last entry of each is among `entries` or before (spec: evidence, upload). */
  checkpoints: Type.Optional(List(Text(1000), 500)),
  /** How many entries the journal has now. */
  length: Type.Optional(Count),
  /** H (hex) of the newest receipt that the journal names now. */
  receipt: Type.Optional(Type.Union([Hex(32), Type.Null()])),
})
export type JournalUpload = Static<typeof JournalUpload>
/** Entries with seq < `upTo` are stored. `leaf` is the hash of the last one, so that both sides know they agree. */
export const Receipt = Strict({
  upTo: Type.Integer({ minimum: 0 }),
  leaf: Type.Union([Hex(32), Type.Null()]),
  at: Time,
  /**
   * Text of the receipt (`receiptText` of `@stint/chain`) for the newest checkpoint of this computer that the server has;
   * null where it has none.
   */
  proof: Type.Optional(Type.Union([Text(65_536), Type.Null()])),
})
export type Receipt = Static<typeof Receipt>

/** GET /events: server-sent events, `event` = `message`, `data` = one of these, `id` rising per device. */
export const DeviceMessage = Type.Union([
  /** An approval: the answer token to admit. */
  Strict({ type: Type.Literal('answer'), requestId: Id, token: Text(4096) }),
  Strict({ type: Type.Literal('denial'), requestId: Id, note: Text(1000) }),
  Strict({ type: Type.Literal('policy'), policy: Text(65_536) }),
  Strict({ type: Type.Literal('end-session'), sessionId: Id }),
  Strict({ type: Type.Literal('heal') }),
  /** The computer was revoked: its identity is worthless from now on. */
  Strict({ type: Type.Literal('revoked') }),
])
export type DeviceMessage = Static<typeof DeviceMessage>

/** POST /heal (4.3) → HealAnswer; POST /heal/confirm */
export const HealHello = Strict({
  /** The epoch that this makes: current + 1. */
  epoch: Type.Integer({ minimum: 1, maximum: 2 ** 32 - 1 }),
  eD: Hex(32),
  nD: Hex(16),
  /** Ed25519 by DIK over enc("stint/v1/heal-hello", tenant, deviceId, eD, nD, u32(epoch)). */
  sig: Hex(64),
})
export type HealHello = Static<typeof HealHello>
export const HealAnswer = Strict({
  epoch: Type.Integer(),
  eS: Hex(32),
  nS: Hex(16),
  confirmS: Hex(32),
  /** By the bundle's policy key over `healAnswerMessage(th')`. */
  sigS: Hex(64),
})
export type HealAnswer = Static<typeof HealAnswer>
export const HealConfirm = Strict({ epoch: Count32, confirmD: Hex(32) })
export type HealConfirm = Static<typeof HealConfirm>

/** POST /status: sent after connecting and when it changes. */
export const DeviceStatus = Strict({
  facts: DeviceFacts,
  policySerial: Count32,
  epoch: Count32,
})
export type DeviceStatus = Static<typeof DeviceStatus>
