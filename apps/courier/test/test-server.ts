import { agreementPublicKey, deviceMacKey } from '@stint/code'
import { Fault, type RefusalCode, refuse } from '@stint/elevation'
import { parse } from '@stint/wire'
import { Challenge, JournalUpload, SessionProof } from '@stint/wire/device'
import { NonceMemory, readSignature, verify } from '@stint/wire/device-signature'
import type { JournalEntry } from '@stint/wire/journal'
import type { ServerAnswer, ServerEvent, ServerLink, ServerRequest, StreamHearing } from '../src/links.ts'
import { nextId, tenant } from './test-agent.ts'

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const serverPrivate = new Uint8Array(32).fill(9)

/** A problem as the real server writes it. */
export function problem(status: number, code: RefusalCode, details: object = {}): ServerAnswer {
  const { message: title, hint } = refuse(code)
  return { status, json: { type: `urn:stint:problem:${code}`, title, status, code, hint, details } }
}

interface OpenStream {
  readonly hear: StreamHearing
  readonly lastEventId: string | undefined
  readonly end: (error?: Error) => void
}

/** The server in memory. Verifies every signature with the product's own verifier, by a clock of its own. */
export class TestServer implements ServerLink {
  /** Decades ahead of the computer's clock, and going on with it unless that is turned. */
  aheadMs = Date.parse('2026-11-22T08:00:00.000Z') - Date.parse('2001-01-01T00:00:00.000Z')
  reachable = true
  /** The computer's own network. */
  hasNetwork = true
  /** Answers nothing at all until it is set back. */
  hanging = false
  readonly calls: { readonly path: string; readonly body: unknown; readonly url: string }[] = []
  /** Replaces the answer of a path, after its signature was verified. */
  readonly instead = new Map<string, (body: unknown) => ServerAnswer>()
  stored: JournalEntry[] = []
  readonly streams: OpenStream[] = []
  /** Outcome of every signature: 'ok' or the reason. */
  readonly signatures: string[] = []
  sessionSeconds = 900
  #keys = new Map<string, Uint8Array>()
  readonly #nonces = new NonceMemory()
  readonly #clock: { now(): number }

  constructor(clock: { now(): number }) {
    this.#clock = clock
  }

  get nowMs(): number {
    return this.#clock.now() + this.aheadMs
  }

  /** Forgets every session, as a restart does. */
  restart(): void {
    this.#keys.clear()
    for (const { end } of this.streams.splice(0)) end()
  }

  paths(): string[] {
    return this.calls.map(({ path }) => path)
  }

  async send(request: ServerRequest): Promise<ServerAnswer> {
    const path = new URL(request.url).pathname.replace('/api/v1/device/', '')
    const body: unknown = JSON.parse(Buffer.from(request.body).toString())
    this.calls.push({ path, body, url: request.url })
    await this.#line()
    if (!['enrol', 'enrol/confirm', 'challenge', 'session'].includes(path)) {
      const refusal = this.#verified(request)
      if (refusal !== undefined) return refusal
    }
    return (this.instead.get(path) ?? ((said) => this.#answer(path, said)))(body)
  }

  async stream(
    request: ServerRequest,
    hear: StreamHearing,
    signal: AbortSignal,
  ): Promise<ServerAnswer | null> {
    this.calls.push({ path: 'events', body: undefined, url: request.url })
    await this.#line()
    const refusal = this.#verified(request) ?? this.instead.get('events')?.(undefined)
    if (refusal !== undefined) return refusal
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => (error === undefined ? resolve(null) : reject(error))
      signal.addEventListener('abort', () => end(new Fault('server-unreachable', 'aborted', '')))
      this.streams.push({ hear, lastEventId: request.headers['last-event-id'], end })
      hear.alive()
    })
  }

  /** Sends an event down the newest stream. */
  async push(event: ServerEvent): Promise<void> {
    await this.streams.at(-1)?.hear.event(event)
  }

  async #line(): Promise<void> {
    if (this.hanging) await new Promise(() => undefined)
    if (!this.hasNetwork) throw new Fault('no-network', 'no', '')
    if (!this.reachable) throw new Fault('server-unreachable', 'no', '')
  }

  #verified({ method, url, headers, body }: ServerRequest): ServerAnswer | undefined {
    const read = readSignature(headers)
    if (!read.ok) return problem(401, 'device-unauthenticated')
    const key = this.#keys.get(read.value.keyId)
    const { pathname, search } = new URL(url)
    const now = Math.floor(this.nowMs / 1000)
    const verified =
      key === undefined
        ? ({
            ok: false,
            refused: refuse('device-unauthenticated', { details: { reason: 'session' } }),
          } as const)
        : verify({ method, target: `${pathname}${search}`, body }, read.value, key, now)
    const outcome = verified.ok ? this.#nonces.take(read.value, now) : verified
    this.signatures.push(outcome.ok ? 'ok' : String(outcome.refused.details?.reason))
    return outcome.ok ? undefined : problem(401, 'device-unauthenticated')
  }

  #answer(path: string, body: unknown): ServerAnswer {
    if (path === 'challenge') {
      parse(Challenge, body)
      return { status: 200, json: { nonce: '5c'.repeat(32) } }
    }
    if (path === 'session') return this.#session(body)
    if (path === 'journal') return this.journalAnswer(body)
    return { status: 204, json: undefined }
  }

  #session(body: unknown): ServerAnswer {
    const proof = parse(SessionProof, body)
    const sessionKeyId = nextId()
    const serverKey = agreementPublicKey(serverPrivate)
    const fields = {
      tenant: bytes(tenant),
      deviceId: bytes(proof.deviceId),
      nonce: bytes(proof.nonce),
      courierKey: bytes(proof.courierKey),
      serverKey,
    }
    this.#keys.set(sessionKeyId, deviceMacKey(fields, serverPrivate))
    const iso = (ms: number) => new Date(ms).toISOString()
    const expiresAt = iso(this.nowMs + this.sessionSeconds * 1000)
    const json = {
      sessionKeyId,
      serverKey: Buffer.from(serverKey).toString('hex'),
      now: iso(this.nowMs),
      expiresAt,
    }
    return { status: 200, json }
  }

  /** Known entries are skipped, a gap is refused with the entry that is wanted: as the real one. */
  journalAnswer(body: unknown): ServerAnswer {
    for (const one of parse(JournalUpload, body).entries) {
      const { seq } = JSON.parse(one.header)
      if (seq > this.stored.length) return problem(409, 'journal-gap', { from: this.stored.length })
      if (seq === this.stored.length) this.stored.push(one)
    }
    const at = new Date(this.nowMs).toISOString()
    return { status: 200, json: { upTo: this.stored.length, leaf: 'cd'.repeat(32), at } }
  }
}
