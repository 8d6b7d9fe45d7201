import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { emptyChain, verifyEntry } from '@stint/chain'
import type { JournalType } from '@stint/elevation'
import { parse } from '@stint/wire'
import { type JournalBody, type JournalEntry, journalBodies } from '@stint/wire/journal'
import type { CourierState } from '@stint/wire/local-courier'
import type { OpenRequestView, Reply, SessionView, UserEvent, UserStatus } from '@stint/wire/local-user'
import type { Clock } from '../src/clock/clock.ts'
import { SetClock } from '../src/clock/fake/set-clock.ts'
import { FakeDenier } from '../src/deny/fake/fake-denier.ts'
import { type Agent, createAgent } from '../src/index.ts'
import { FakeCrash, FakeOs } from '../src/os/fake/fake-os.ts'
import type { Os } from '../src/os/os.ts'
import { FakeRecorder } from '../src/record/fake/fake-recorder.ts'
import { MemoryDisk, PowerCut } from './memory-disk.ts'
import { Organisation } from './organisation.ts'
import { verifySeals } from './seal-chain.ts'

export const anna = 1000
export const bert = 1001

type Facts = { readonly [T in JournalType]: { readonly type: T; readonly body: JournalBody<T> } }[JournalType]

/** A computer with two people, an agent on it that can die at any step, and an organisation behind it. */
export class World {
  readonly clock = new SetClock({ wallMs: Date.UTC(2026, 10, 22, 9) })
  readonly os = new FakeOs(this.clock)
  readonly recorder = new FakeRecorder()
  readonly denier = new FakeDenier()
  readonly organisation = new Organisation()
  power = { on: true }
  disk = new MemoryDisk(this.power)
  readonly errors: string[] = []
  readonly events: UserEvent[] = []
  #agent: Agent | null = null
  #draws = 0
  #calls = 0

  constructor() {
    this.os.addAccount(anna, 'anna')
    this.os.addAccount(bert, 'bert')
  }

  static async enrolled(): Promise<World> {
    const world = new World()
    await world.start(world.organisation.token())
    const { hello } = await world.courier({ call: 'enrol-hello' })
    const { confirm } = await world.courier({
      call: 'enrol-welcome',
      welcome: world.organisation.welcome(hello),
    })
    assert.equal(confirm.confirmD, world.organisation.expectedConfirmation)
    await world.courier({ call: 'enrolled' })
    return world
  }

  get agent(): Agent {
    return this.#agent ?? assert.fail('the agent is not running')
  }

  async start(enrollToken?: string): Promise<void> {
    this.#agent = await createAgent({
      os: mortal(this.os, this.power),
      recorder: this.recorder,
      denier: this.denier,
      clock: mortalClock(this.clock, this.power),
      random: (length) => this.#random(length),
      disk: this.disk,
      stateDir: '/state',
      log: { info: () => undefined, error: (message, cause) => this.errors.push(`${message}: ${cause}`) },
      version: '0.1.0',
      enrollToken,
    })
  }

  /** The process is gone without a word; nothing of it has an effect any more. */
  kill(): void {
    this.power.on = false
    this.#agent = null
  }

  /** A new process on what the disk holds. */
  async restart(): Promise<void> {
    this.kill()
    this.os.knobs.crashAfter = null
    this.power = { on: true }
    this.disk = this.disk.rebooted(this.power)
    await this.start()
  }

  /** The computer goes off and on again. */
  async reboot(offMs = 60_000): Promise<void> {
    this.kill()
    this.clock.reboot(offMs)
    this.os.reboot()
    await this.restart()
  }

  reply(uid: number, call: Record<string, unknown>): Promise<Reply> {
    return this.agent.userCall(uid, { id: ++this.#calls, ...call }, (event) => this.events.push(event))
  }

  /** The result of a call that must work. */
  async ok<T>(uid: number, call: Record<string, unknown>): Promise<T> {
    const reply = await this.reply(uid, call)
    assert.ok(reply.ok, JSON.stringify(reply))
    return reply.result as T
  }

  /** The code of a refusal, or of a fault with `fault:` before it. */
  async no(uid: number, call: Record<string, unknown>): Promise<string> {
    const reply = await this.reply(uid, call)
    assert.ok(!reply.ok, JSON.stringify(reply))
    return 'refused' in reply ? reply.refused.code : `fault:${reply.fault.code}`
  }

  // biome-ignore lint/suspicious/noExplicitAny: each call has its own result; the assertions look into it
  async courier(call: Record<string, unknown>): Promise<any> {
    const reply = await this.agent.courierCall({ id: ++this.#calls, ...call })
    assert.ok(reply.ok, JSON.stringify(reply))
    return reply.result
  }

  async courierNo(call: Record<string, unknown>): Promise<string> {
    const reply = await this.agent.courierCall({ id: ++this.#calls, ...call })
    assert.ok(!reply.ok, JSON.stringify(reply))
    return 'refused' in reply ? reply.refused.code : `fault:${reply.fault.code}`
  }

  courierState(): Promise<CourierState> {
    return this.courier({ call: 'state' })
  }

  ask(uid = anna, more: Record<string, unknown> = {}): Promise<OpenRequestView> {
    return this.ok(uid, { call: 'request', mode: 'session', reason: 'Install the printer', ...more })
  }

  status(uid = anna): Promise<UserStatus> {
    return this.ok(uid, { call: 'status' })
  }

  /** The newest request of the journal, as an approver knows it. */
  async requestFact(): Promise<JournalBody<'request.created'>> {
    return (await this.facts('request.created')).at(-1)?.body ?? assert.fail('no request')
  }

  /** Asks, is answered by a spoken code, and is raised. */
  async raised(uid = anna, minutes = 15, params: { readonly end?: boolean } = {}): Promise<SessionView> {
    await this.ask(uid)
    const { text } = this.organisation.response(await this.requestFact(), minutes, params)
    return this.ok(uid, { call: 'answer', text })
  }

  async entries(): Promise<JournalEntry[]> {
    return (await this.upload()).entries
  }

  /** The whole journal as the courier gets it, page by page; reading seals. */
  async upload(): Promise<{ readonly entries: JournalEntry[]; readonly checkpoints: string[] }> {
    const entries: JournalEntry[] = []
    const checkpoints: string[] = []
    for (let more = true; more; ) {
      const page = await this.courier({ call: 'journal', from: entries.length, limit: 500 })
      entries.push(...page.entries)
      checkpoints.push(...page.checkpoints)
      more = page.entries.length > 0
    }
    return { entries, checkpoints }
  }

  /** Every seal of the journal verified from the first key on; answers how many entries are sealed. */
  async verifySeals(): Promise<number> {
    const { tenant, deviceId, hello } = this.organisation
    const lsk = hello?.lsk ?? assert.fail('the hello named no key')
    const { key, sealed } = verifySeals(await this.upload(), { tenant, deviceId, lsk })
    const present = `/state/log-keys/${Buffer.from(key.publicKey).toString('hex')}.key`
    const keys = [...this.disk.files.keys()].filter((path) => path.endsWith('.key'))
    assert.deepEqual(keys, [present], 'the present key is there, and no other')
    return sealed
  }

  /** The whole journal, its chain and every body verified; then those of one type. */
  async facts<T extends JournalType>(type: T): Promise<Extract<Facts, { type: T }>[]> {
    return (await this.allFacts()).filter((fact): fact is Extract<Facts, { type: T }> => fact.type === type)
  }

  async allFacts(): Promise<Facts[]> {
    let at = emptyChain
    return (await this.entries()).map((entry) => {
      const { header, end } = verifyEntry(at, entry)
      at = end
      const type = header.type as JournalType
      parse(journalBodies[type], entry.body)
      return { type, body: entry.body } as Facts
    })
  }

  async types(): Promise<JournalType[]> {
    return (await this.allFacts()).map(({ type }) => type)
  }

  #random(length: number): Uint8Array {
    const drawn = createHash('shake256', { outputLength: length })
      .update(`draw ${this.#draws++}`)
      .digest()
    return Uint8Array.from(drawn)
  }
}

/** The operating system as a process sees it: once that is dead nothing it does has an effect. */
function mortal(os: FakeOs, power: { on: boolean }): Os {
  return new Proxy(os, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        if (!power.on) throw new PowerCut()
        try {
          return await Reflect.apply(member, target, args)
        } catch (error) {
          if (error instanceof FakeCrash) power.on = false
          throw error
        }
      }
    },
  })
}

function mortalClock(clock: SetClock, power: { on: boolean }): Clock {
  return {
    now: () => clock.now(),
    after: (delayMs, ring) => clock.after(delayMs, () => power.on && ring()),
  }
}
