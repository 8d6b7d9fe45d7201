import assert from 'node:assert/strict'
import { Fault, type Outcome, refused } from '@stint/elevation'
import { parse } from '@stint/wire'
import type { RequestFact } from '@stint/wire/journal'
import { CourierCall, type CourierResults, type CourierState } from '@stint/wire/local-courier'
import type { AgentLink } from '../src/links.ts'

type Name = CourierCall['call']
export type Call<N extends Name = Name> = Extract<CourierCall, { call: N }>

export const tenant = '11'.repeat(16)
export const deviceId = '22'.repeat(16)
export const facts = {
  hostname: 'desk-7',
  osFamily: 'linux',
  osName: 'Debian',
  osVersion: '12',
  kernel: '6.18',
  class: 'laptop',
  agentVersion: '0.1.0',
  users: [],
  weaknesses: [],
} as const

/** A journal entry whose content does not matter here. */
export const entry = (seq: number, bytes = 10) => ({
  header: JSON.stringify({ seq }),
  salt: 'AAAAAAAAAAAAAAAAAAAAAA',
  body: 'x'.repeat(bytes),
})

let ids = 0
export const nextId = () => {
  ids += 1
  return `0199f1a2-7c3e-7d10-9a55-${ids.toString(16).padStart(12, '0')}`
}

export function request(): RequestFact {
  return {
    requestId: nextId(),
    requestCode: 'AAAAA-BBBBB-CCCCC',
    counter: 1,
    policySerial: 1,
    epoch: 0,
    userId: 'uid:1000:eva',
    userName: 'eva',
    mode: 'session',
    reason: 'Install the printer',
    minutes: 15,
    ticket: null,
    createdAt: '2026-11-22T08:00:00.000Z',
  }
}

/** The agent in memory: keeps a state, notes every call, and answers as the real one does. */
export class TestAgent implements AgentLink {
  state: CourierState = {
    state: 'enrolled',
    serverUrl: 'https://stint.example',
    tenant,
    deviceId,
    unsent: [],
    journal: { size: 0, received: 0 },
    healWanted: false,
    status: { facts: { ...facts, users: [], weaknesses: [] }, policySerial: 1, epoch: 0 },
  }
  readonly calls: CourierCall[] = []
  journal: ReturnType<typeof entry>[] = []
  /** Most entries that it hands over at once. */
  pageEntries = 500
  /** What goes with every page. */
  seals: Partial<CourierResults['journal']> = {}
  /** Replaces the answer of a call. */
  readonly instead = new Map<Name, (call: CourierCall) => Outcome<unknown>>()
  running = true
  closed = false
  #hear: Parameters<AgentLink['listen']>[0] | undefined
  #lastId = 0

  listen(hear: Parameters<AgentLink['listen']>[0]): void {
    this.#hear = hear
    if (this.running) hear.connected()
  }

  async call<N extends Name>(question: object): Promise<Outcome<CourierResults[N]>> {
    if (!this.running) throw new Fault('agent-not-running', 'gone', 'wait')
    this.#lastId += 1
    const call = parse(CourierCall, { id: this.#lastId, ...question })
    this.calls.push(call)
    const answer = (this.instead.get(call.call) ?? ((one) => this.#answer(one)))(call)
    await Promise.resolve()
    return answer as Outcome<CourierResults[N]>
  }

  close(): void {
    this.closed = true
  }

  /** Changes the state and says so, as the agent does. */
  change(change: Partial<CourierState>): void {
    this.state = { ...this.state, ...change }
    this.#hear?.changed(this.state)
  }

  ask(): RequestFact {
    const made = request()
    this.change({ unsent: [...this.state.unsent, made] })
    return made
  }

  write(...entries: ReturnType<typeof entry>[]): void {
    this.journal.push(...entries)
    this.change({ journal: { ...this.state.journal, size: this.journal.length } })
  }

  restart(): void {
    this.running = true
    this.#hear?.connected()
  }

  called<N extends Name>(name: N): Call<N>[] {
    return this.calls.filter((call): call is Call<N> => call.call === name)
  }

  /** What the person's screen was told, in order. */
  get contacts(): boolean[] {
    return this.called('contact').map(({ online }) => online)
  }

  #answer(call: CourierCall): Outcome<unknown> {
    switch (call.call) {
      case 'state':
        return { ok: true, value: structuredClone(this.state) }
      case 'prove':
        return { ok: true, value: { sig: 'ab'.repeat(64) } }
      case 'journal':
        return { ok: true, value: this.#page(call.from, call.limit) }
      case 'receipt':
        return this.#receipt(call.receipt.upTo)
      case 'request-sent':
        this.change({ unsent: this.state.unsent.filter(({ requestId }) => requestId !== call.requestId) })
        return { ok: true, value: {} }
      case 'deliver':
        if (call.message.type === 'revoked') this.change({ state: 'revoked' })
        return { ok: true, value: { done: true } }
      case 'enrolled':
        this.change({ state: 'enrolled', tenant, deviceId })
        return { ok: true, value: {} }
      case 'enrol-refused':
        this.change({ state: 'unenrolled', serverUrl: null })
        return { ok: true, value: {} }
      case 'healed':
        this.change({ healWanted: false })
        return { ok: true, value: {} }
      case 'contact':
        return { ok: true, value: {} }
      default:
        assert.fail(`no answer was set for ${call.call}`)
    }
  }

  #page(from: number, limit: number): CourierResults['journal'] {
    const entries = this.journal.slice(from, from + Math.min(limit, this.pageEntries))
    return { entries, checkpoints: [], length: this.journal.length, receipt: null, ...this.seals }
  }

  /** Believed up to what it has, as the real one: a receipt for more is not about this journal. */
  #receipt(upTo: number): Outcome<unknown> {
    if (upTo > this.journal.length) return refused('journal-gap')
    this.change({ journal: { size: this.journal.length, received: upTo } })
    return { ok: true, value: {} }
  }
}
