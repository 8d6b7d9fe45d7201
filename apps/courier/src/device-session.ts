import { agreementPublicKey, deviceMacKey } from '@stint/code'
import { Fault } from '@stint/elevation'
import { ChallengeAnswer, SessionGrant } from '@stint/wire/device'
import { sign } from '@stint/wire/device-signature'
import { accepted } from './answer.ts'
import type { AgentLink, Random, ServerAnswer, ServerLink, ServerRequest, Timers } from './links.ts'

/** Whom to speak for, and where. */
export interface Enrolled {
  /** As `serverAddress` gives it. */
  readonly address: string
  readonly tenant: string
  readonly deviceId: string
}

export interface SessionParts {
  readonly agent: AgentLink
  readonly server: ServerLink
  readonly timers: Timers
  readonly random: Random
}

/** A session is renewed this long before it ends. */
const renewBeforeMs = 30_000

const utf8 = new TextEncoder()
const none = new Uint8Array()

/** A call that nobody signs: enrolment, challenge, session. */
export function post(
  server: ServerLink,
  address: string,
  path: string,
  body: unknown,
): Promise<ServerAnswer> {
  return server.send({
    method: 'POST',
    url: `${address}/api/v1/device/${path}`,
    headers: { 'content-type': 'application/json' },
    body: utf8.encode(JSON.stringify(body)),
  })
}

/**
 * What lets this courier speak for its computer for a while: a MAC key, agreed with the server under a proof that the
 * agent signed. Times are the server's, counted on from its own word; when this computer's clock jumps, the server
 * refuses the next call and a new session sets it right.
 */
export class DeviceSession {
  readonly #parts: SessionParts
  readonly #enrolled: Enrolled
  readonly #key: Uint8Array
  readonly #grant: SessionGrant
  readonly #grantedAt: number

  private constructor(
    parts: SessionParts,
    enrolled: Enrolled,
    key: Uint8Array,
    grant: SessionGrant,
    grantedAt: number,
  ) {
    this.#parts = parts
    this.#enrolled = enrolled
    this.#key = key
    this.#grant = grant
    this.#grantedAt = grantedAt
  }

  /** Proves the computer. Throws `ServerRefusal`, the `Fault`s of the links, `Fault('not-proven')`. */
  static async open(parts: SessionParts, enrolled: Enrolled): Promise<DeviceSession> {
    const { agent, server, timers, random } = parts
    const { address, tenant, deviceId } = enrolled
    const { nonce } = accepted(ChallengeAnswer, await post(server, address, 'challenge', { deviceId }))
    const ownPrivate = random(32)
    const courierKey = Buffer.from(agreementPublicKey(ownPrivate)).toString('hex')
    const proof = await agent.call({ call: 'prove', nonce, courierKey })
    if (!proof.ok) throw new Fault('not-proven', proof.refused.message, proof.refused.hint)
    const claim = { deviceId, nonce, courierKey, sig: proof.value.sig }
    const grant = accepted(SessionGrant, await post(server, address, 'session', claim))
    const fields = { tenant, deviceId, nonce, courierKey, serverKey: grant.serverKey }
    const key = deviceMacKey(bytesOf(fields), ownPrivate)
    ownPrivate.fill(0)
    return new DeviceSession(parts, enrolled, key, grant, timers.now())
  }

  /** Since it was granted. */
  get ageMs(): number {
    return this.#parts.timers.now() - this.#grantedAt
  }

  /** Still good for a call, and for this computer and server. */
  isFor(enrolled: Enrolled): boolean {
    const same = JSON.stringify(enrolled) === JSON.stringify(this.#enrolled)
    return same && this.#serverMs() < Date.parse(this.#grant.expiresAt) - renewBeforeMs
  }

  /** A signed call; every one has a nonce of its own. */
  post(path: string, body: unknown): Promise<ServerAnswer> {
    return this.#parts.server.send(this.#signed('POST', path, utf8.encode(JSON.stringify(body))))
  }

  /** The request for the event stream, from after `lastEventId` on. */
  eventsRequest(lastEventId: string | undefined): ServerRequest {
    const request = this.#signed('GET', 'events', none)
    const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    return { ...request, headers: { ...request.headers, accept: 'text/event-stream', ...resume } }
  }

  #signed(method: 'GET' | 'POST', path: string, body: Uint8Array): ServerRequest {
    const url = `${this.#enrolled.address}/api/v1/device/${path}`
    const { pathname, search } = new URL(url)
    const params = {
      keyId: this.#grant.sessionKeyId,
      created: Math.floor(this.#serverMs() / 1000),
      nonce: this.#parts.random(16),
    }
    const signature = sign({ method, target: `${pathname}${search}`, body }, this.#key, params)
    const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
    return { method, url, headers: { ...type, ...signature }, body }
  }

  #serverMs(): number {
    return Date.parse(this.#grant.now) + this.#parts.timers.now() - this.#grantedAt
  }
}

function bytesOf<Name extends string>(fields: Readonly<Record<Name, string>>): Record<Name, Uint8Array> {
  const entries = Object.entries<string>(fields).map(([name, hex]) => [name, Buffer.from(hex, 'hex')])
  return Object.fromEntries(entries)
}
