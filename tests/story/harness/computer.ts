import assert from 'node:assert/strict'
import { emptyChain, verifyEntry } from '@stint/chain'
import { Fault, type JournalType } from '@stint/elevation'
import { parse } from '@stint/wire'
import { type JournalBody, type JournalEntry, journalBodies } from '@stint/wire/journal'
import type { CourierResults, CourierState } from '@stint/wire/local-courier'
import type { Reply } from '@stint/wire/local-user'
import { FakeDenier } from '../../../apps/agent/src/deny/fake/fake-denier.ts'
import { type Agent, createAgent } from '../../../apps/agent/src/index.ts'
import { FakeOs, fakeFacts } from '../../../apps/agent/src/os/fake/fake-os.ts'
import type { Os } from '../../../apps/agent/src/os/os.ts'
import { FakeRecorder } from '../../../apps/agent/src/record/fake/fake-recorder.ts'
import { MemoryDisk, PowerCut } from '../../../apps/agent/test/memory-disk.ts'
import type { SealedEntries } from '../../../apps/agent/test/seal-chain.ts'
import { type AgentLink, type Courier, createCourier } from '../../../apps/courier/src/index.ts'
import { Life } from './life.ts'
import { Network } from './network.ts'
import { drawn } from './random.ts'
import { Refused } from './refused.ts'
import type { ServerProcess } from './server-process.ts'
import { ComputerClock, type WorldTime } from './time.ts'

export type JournalFact = {
  readonly [T in JournalType]: { readonly type: T; readonly body: JournalBody<T> }
}[JournalType]

interface AgentRun {
  readonly agent: Agent
  readonly life: Life
}

/**
 * One computer: an operating system and a disk that stay, and two processes that come and go. The agent is the real
 * one on a fake system; the courier is the real one on a line without sockets.
 */
export class Computer {
  readonly name: string
  readonly clock: ComputerClock
  readonly os: FakeOs
  readonly recorder = new FakeRecorder()
  readonly denier = new FakeDenier()
  readonly network: Network
  /** Faults that the agent logged. */
  readonly faults: string[] = []
  readonly #time: WorldTime
  readonly #people = new Map<string, number>()
  #disk = new MemoryDisk()
  #run: AgentRun | null = null
  #courier: Courier | null = null
  #runs = 0
  #calls = 0
  #dying: { readonly step: keyof Os; readonly when: 'before' | 'after' } | null = null
  readonly #onAgent = new Set<(run: AgentRun) => void>()

  constructor(name: string, people: readonly string[], time: WorldTime, server: ServerProcess) {
    this.name = name
    this.#time = time
    this.clock = new ComputerClock(time)
    this.os = new FakeOs({ now: this.clock.now, after: () => assert.fail('the fake system has no alarms') })
    this.os.deviceFacts = { ...fakeFacts, hostname: name, class: 'laptop' }
    this.network = new Network(server, time)
    for (const person of people) this.gets(person)
  }

  /** A new account on it. */
  gets(person: string): void {
    const uid = 1000 + this.#people.size
    this.#people.set(person, uid)
    this.os.addAccount(uid, person)
  }

  get people(): readonly string[] {
    return [...this.#people.keys()]
  }

  uidOf(person: string): number {
    return this.#people.get(person) ?? assert.fail(`${person} has no account on ${this.name}`)
  }

  get agentRuns(): boolean {
    return this.#run?.life.on === true
  }

  // What happens to it

  /** It is switched on: agent, then courier. Resolves when both have done what there was to do. */
  async starts(enrollToken?: string): Promise<void> {
    await this.agentStarts(enrollToken)
    this.#courier = createCourier({
      agent: this.#agentLink(),
      server: this.network.link,
      timers: { now: this.clock.wallMs, after: (ms, work) => this.#time.after(ms, work) },
      random: drawn(`courier of ${this.name} ${this.#runs}`),
      log: () => undefined,
    })
    this.#courier.start()
    await this.#time.quiet()
  }

  async agentStarts(enrollToken?: string): Promise<void> {
    const life = new Life()
    this.#disk = this.#disk.rebooted(life)
    const agent = await createAgent({
      os: this.#mortalOs(life),
      recorder: this.recorder,
      denier: this.denier,
      clock: this.clock.of(life),
      random: drawn(`agent of ${this.name} ${++this.#runs}`),
      disk: this.#disk,
      stateDir: '/state',
      log: {
        info: () => undefined,
        error: (message, cause) => {
          if (life.on) this.faults.push(`${message}: ${cause}`)
        },
      },
      version: '0.1.0',
      enrollToken,
    })
    this.#run = { agent, life }
    for (const tell of this.#onAgent) tell(this.#run)
    await this.#time.quiet()
  }

  /** The agent is gone without a word; the system and the courier stay. */
  async agentDies(): Promise<void> {
    this.#run?.life.end()
    this.#run = null
    await this.#time.quiet()
  }

  /** The agent dies right before, or right after, the system does this for it. */
  agentDiesAt(when: 'before' | 'after', step: keyof Os): void {
    this.#dying = { step, when }
  }

  /** The power fails at that durable step of the agent's disk, counted from 1: before, in the middle of or after it. */
  powerFailsAt(step: number, when: 'before' | 'torn' | 'after'): void {
    this.#disk.cutAt = { step: this.#disk.steps + step, when }
  }

  /** The system restarts an agent that died. */
  async agentComesBack(): Promise<void> {
    await this.agentDies()
    await this.agentStarts()
  }

  /** The power is cut for a while. Everybody signs in again afterwards. */
  async reboots({ minutes = 1 } = {}): Promise<void> {
    this.#courier?.stop()
    this.#onAgent.clear()
    await this.agentDies()
    this.os.reboot()
    await this.#time.pass({ minutes })
    this.clock.boot()
    for (const [name, uid] of this.#people) this.os.addAccount(uid, name)
    await this.starts()
  }

  /** What a copy of its disk holds now. */
  copyOfDisk(): MemoryDisk {
    return this.#disk.rebooted()
  }

  /** Its disk is replaced by a copy of one: another computer, or itself some time ago. */
  hasDisk(disk: MemoryDisk): void {
    this.#disk = disk
  }

  // What its people and this story see

  /** One call of a person's program. Throws `Refused` with the refusal's code, or `agent-not-running`. */
  async call<T>(person: string, call: Readonly<Record<string, unknown>>): Promise<T> {
    const run = this.#running()
    const uid = this.uidOf(person)
    const gone = () => new Refused('agent-not-running')
    const asked = run.agent.userCall(uid, { id: ++this.#calls, ...call }, () => undefined)
    const reply = run.life.orGone(asked, gone)
    // Asking waits a moment for the server; everything else is answered without time passing.
    const result = await (call.call === 'request' ? this.#time.until(reply) : this.#time.during(reply))
    await this.#time.quiet()
    return resultOf<T>(result)
  }

  /** Of an enrolled computer. */
  async deviceId(): Promise<string> {
    const { deviceId } = await this.state()
    return deviceId ?? assert.fail(`${this.name} is not enrolled`)
  }

  async state(): Promise<CourierState> {
    const reply = await this.#running().agent.courierCall({ id: ++this.#calls, call: 'state' })
    return resultOf(reply)
  }

  async entries(): Promise<readonly JournalEntry[]> {
    return (await this.upload()).entries
  }

  /** The whole journal as the courier gets it, page by page. */
  async upload(): Promise<SealedEntries> {
    const { agent } = this.#running()
    const entries: JournalEntry[] = []
    const checkpoints: string[] = []
    for (;;) {
      const call = { id: ++this.#calls, call: 'journal', from: entries.length, limit: 500 }
      const page = resultOf<CourierResults['journal']>(await agent.courierCall(call))
      if (page.entries.length === 0) return { entries, checkpoints }
      entries.push(...page.entries)
      checkpoints.push(...page.checkpoints)
    }
  }

  /** The whole journal; chain and bodies are verified on the way. */
  async journal(): Promise<JournalFact[]> {
    let at = emptyChain
    return (await this.entries()).map((entry) => {
      const { header, end } = verifyEntry(at, entry)
      at = end
      const type = header.type as JournalType
      return { type, body: parse(journalBodies[type], entry.body) } as JournalFact
    })
  }

  /** Bodies of the facts of one type, oldest first. */
  async facts<T extends JournalType>(type: T): Promise<JournalBody<T>[]> {
    const isOne = (fact: JournalFact): fact is Extract<JournalFact, { type: T }> => fact.type === type
    return (await this.journal()).filter(isOne).map(({ body }) => body as JournalBody<T>)
  }

  /** A message as the courier would bring it, brought by somebody who holds the courier. */
  async delivered(message: object): Promise<{ readonly done: boolean }> {
    const call = { id: ++this.#calls, call: 'deliver', message }
    const reply = await this.#running().agent.courierCall(call)
    await this.#time.quiet()
    return resultOf(reply)
  }

  stops(): void {
    this.#courier?.stop()
    this.#run?.life.end()
    this.#run = null
  }

  #running(): AgentRun {
    if (this.#run?.life.on) return this.#run
    throw new Refused('agent-not-running')
  }

  /** The courier's socket to the agent: breaks with the agent and comes back with the next one. */
  #agentLink(): AgentLink {
    const notRunning = () => new Fault('agent-not-running', 'The agent is not running', 'Start it.')
    return {
      call: async (question) => {
        const run = this.#run
        if (!run?.life.on) throw notRunning()
        const call = { id: ++this.#calls, ...question }
        const reply = await this.#time.during(run.life.orGone(run.agent.courierCall(call), notRunning))
        if ('fault' in reply) throw new Fault(reply.fault.code, reply.fault.message, reply.fault.hint)
        return (reply.ok ? { ok: true, value: reply.result } : { ok: false, refused: reply.refused }) as never
      },
      listen: (hear) => {
        const connect = ({ agent, life }: AgentRun) => {
          let told = ''
          hear.connected()
          const stop = agent.onCourierState((state) => {
            const text = JSON.stringify(state)
            if (life.on && text !== told) hear.changed(state)
            told = text
          })
          life.onEnd(stop)
        }
        this.#onAgent.add(connect)
        if (this.#run) connect(this.#run)
      },
      close: () => undefined,
    }
  }

  /** The system as one run of the agent sees it: once that is dead nothing it does has an effect. */
  #mortalOs(life: Life): Os {
    return new Proxy(this.os, {
      get: (os, name) => {
        const member: unknown = Reflect.get(os, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          this.#die(life, 'before', name)
          const result: unknown = await Reflect.apply(member, os, args)
          this.#die(life, 'after', name)
          return result
        }
      },
    })
  }

  /** Throws when this run is dead, or dies here. */
  #die(life: Life, when: 'before' | 'after', step: string | symbol): void {
    if (this.#dying?.when === when && this.#dying.step === step) {
      this.#dying = null
      life.end()
    }
    if (!life.on) throw new PowerCut()
  }
}

function resultOf<T>(reply: Reply): T {
  if (reply.ok) return reply.result as T
  if ('fault' in reply) throw new Error(`a fault: ${reply.fault.code}: ${reply.fault.message}`)
  throw new Refused(reply.refused.code, reply.refused.message, reply.refused.details)
}
