/**
 * Receivers of facts: other systems that are sent the ledger. Below `/api/v1/sinks`, all with `administer-sinks`.
 *
 *     GET    /sinks → { items, folder }          by name
 *     POST   /sinks SinkBody → SinkMade          a webhook's secret is in this answer and in no other
 *     GET    /sinks/:id → Sink
 *     PUT    /sinks/:id SinkChange → Sink        of the same kind; what was not taken yet goes to the new address
 *     POST   /sinks/:id/pause → Sink             POST /sinks/:id/resume → Sink
 *     POST   /sinks/:id/test → SinkTest          one made-up fact, now; the position stays
 *     POST   /sinks/:id/secret → SinkMade        a new secret for a webhook; the old one is worth nothing from now on
 *     DELETE /sinks/:id → 204
 *
 * Refusals: `conflict` for a name that is taken, `not-found`, `invalid` with a hint, `not-offered` for a file where the
 * server was started without a folder for them, or for secrets without a key.
 */
import { ledgerTypes, sinkKinds, sinkStates } from '@stint/elevation'
import { Count, Id, OneOf, type Static, Strict, Text, Time, Type } from './parse.ts'

const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Certificates as PEM text. */
const Pem = Type.String({ minLength: 1, maxLength: 100_000, pattern: '^[\\x09\\x0a\\x0d\\x20-\\x7e]+$' })
/** A name or address, without brackets. */
const Host = Type.String({ minLength: 1, maxLength: 253, pattern: '^[A-Za-z0-9.:_-]+$' })
/** `https:`; `http:` only to this machine itself. Without user and password. */
const Address = Type.String({ minLength: 9, maxLength: 2000, pattern: '^https?://[\\x21-\\x7e]+$' })
/** Authorities that the receiver's certificate must come from; null for those that Node knows. */
const ca = Nullable(Pem)

export const SyslogTarget = Strict({
  kind: Type.Literal('syslog'),
  host: Host,
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** Null for plain TCP. `clientCertificate` shows who we are; its key is given as `clientKey`. */
  tls: Nullable(Strict({ ca, clientCertificate: Nullable(Pem) })),
})
export const WebhookTarget = Strict({ kind: Type.Literal('webhook'), url: Address, ca })
/** `url` with its path, usually `/v1/logs`. */
export const OtlpTarget = Strict({ kind: Type.Literal('otlp'), url: Address, ca })
/** A file directly in the folder that the server was started with. */
export const FileTarget = Strict({
  kind: Type.Literal('file'),
  name: Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9_-][A-Za-z0-9._-]*\\.jsonl$' }),
})
export const SinkTarget = Type.Union([SyslogTarget, WebhookTarget, OtlpTarget, FileTarget])
export type SinkTarget = Static<typeof SinkTarget>

/** What is written and never read back. */
const writeOnly = {
  /** PEM, of a syslog target's client certificate. */
  clientKey: Type.Optional(Pem),
  /** Value of the `Authorization` header, for a webhook or an OpenTelemetry target, such as `Bearer …`. */
  authorization: Type.Optional(Type.String({ minLength: 1, maxLength: 4000, pattern: '^[\\x20-\\x7e]+$' })),
}
const name = Text(100, 1)
/** Only these; null for all. */
const types = Nullable(Type.Array(OneOf(ledgerTypes), { minItems: 1, maxItems: ledgerTypes.length }))

export const SinkBody = Strict({
  name,
  target: SinkTarget,
  types,
  /** `now`: from the fact that this sink was made. */
  from: OneOf(['now', 'beginning']),
  ...writeOnly,
})
export type SinkBody = Static<typeof SinkBody>

/** Secrets that are left out stay, unless the address changes: then they must be given again. */
export const SinkChange = Strict({ name, target: SinkTarget, types, ...writeOnly })
export type SinkChange = Static<typeof SinkChange>

export const Sink = Strict({
  id: Id,
  kind: OneOf(sinkKinds),
  name: Type.String(),
  target: SinkTarget,
  types: Nullable(Type.Array(OneOf(ledgerTypes))),
  /** Whether there is a client key, an `Authorization` or a webhook's secret. */
  hasSecret: Type.Boolean(),
  createdBy: Type.String(),
  createdAt: Time,
  state: OneOf(sinkStates),
  /** Number of the next fact that it has not confirmed. */
  position: Count,
  /** Facts from there to the newest, before the filter. */
  behind: Count,
  /** When it confirmed something last. */
  lastSentAt: Nullable(Time),
  /** Why the last try failed, a sentence; null after one that did not. */
  lastError: Nullable(Type.String()),
  failedTries: Count,
  nextTryAt: Nullable(Time),
})
export type Sink = Static<typeof Sink>

/** `secret`: `whsec_…`, for a webhook only. */
export const SinkMade = Strict({ sink: Sink, secret: Nullable(Type.String()) })
export type SinkMade = Static<typeof SinkMade>

/** `folder`: whether a file can be chosen. */
export const SinkList = Strict({ items: Type.Array(Sink), folder: Type.Boolean() })
export type SinkList = Static<typeof SinkList>

/** `error` says in a sentence why it did not arrive. */
export const SinkTest = Strict({ delivered: Type.Boolean(), error: Nullable(Type.String()) })
export type SinkTest = Static<typeof SinkTest>
