import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { emptyChain, verifyEntry } from '@stint/chain'
import type { JournalType } from '@stint/elevation'
import { parse } from '@stint/wire'
import { type JournalBody, type JournalEntry, journalBodies } from '@stint/wire/journal'
import type { Reply, UserStatus } from '@stint/wire/local-user'
import type { Instant } from '../../apps/agent/src/clock/clock.ts'
import { type AgentState, readState } from '../../apps/agent/src/config/state.ts'
import { FakeOs } from '../../apps/agent/src/os/fake/fake-os.ts'
import type { Os } from '../../apps/agent/src/os/os.ts'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import type { FaultPlan, Step } from './agent/fault-plan.ts'
import type { Answer, Beginning, Order } from './agent/main.ts'
import { agentProgram } from './agent/program.ts'
import { type Line, serveOs } from './agent/remote-os.ts'
import { AgentGone, SocketLine, wordOf } from './socket-line.ts'

export const anna = 1000
export const bert = 1001
const courierUid = 61_999
/** A real wait this long is a hang. */
const mostRealMs = 30_000

export type JournalFact = {
  readonly [T in JournalType]: { readonly type: T; readonly body: JournalBody<T> }
}[JournalType]

interface Run {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  readonly answers: Map<number, (value: unknown) => void>
}

/**
 * A computer whose agent is a process that dies: its state is real files, its doors are real sockets. The operating
 * system is here, outside that process, so rights that were given stay given when the agent is gone.
 */
export class FaultyComputer {
  readonly organisation: Organisation
  readonly os: FakeOs
  readonly stateDir: string
  /** In front of every call of the agent to the system. */
  onOsCall: (name: keyof Os) => void = () => undefined
  now: Instant = { bootId: 'boot-1', bootMs: 100_000, wallMs: Date.UTC(2026, 10, 22, 9) }
  log = ''
  readonly #base = mkdtempSync(join(tmpdir(), 'faults-'))
  readonly #name = `fault${randomBytes(4).toString('hex')}`
  #run: Run | null = null
  #user: SocketLine | null = null
  #courier: SocketLine | null = null
  #orders = 0

  constructor(organisation = new Organisation()) {
    this.organisation = organisation
    this.stateDir = join(this.#base, 'state')
    this.os = new FakeOs({ now: () => this.now, after: () => assert.fail('the fake system sets no alarm') })
    this.os.addAccount(anna, 'anna')
    this.os.addAccount(bert, 'bert')
  }

  /** With its agent enrolled, and running. */
  static async enrolled(): Promise<FaultyComputer> {
    const computer = new FaultyComputer()
    const { organisation } = computer
    assert.equal(await computer.start({ enrollToken: organisation.token() }), 'ready', computer.log)
    const { hello } = await computer.courier({ call: 'enrol-hello' })
    const welcome = organisation.welcome(hello)
    const { confirm } = await computer.courier({ call: 'enrol-welcome', welcome })
    assert.equal(confirm.confirmD, organisation.expectedConfirmation)
    await computer.courier({ call: 'enrolled' })
    return computer
  }

  /** Another computer with the same files, its agent not running. */
  copy(): FaultyComputer {
    const copy = new FaultyComputer(this.organisation)
    cpSync(this.stateDir, copy.stateDir, { recursive: true })
    copy.now = this.now
    return copy
  }

  get runDir(): string {
    return `/run/${this.#name}`
  }

  get runs(): boolean {
    return this.#run !== null
  }

  get pid(): number {
    return this.#run?.child.pid ?? assert.fail('the agent is not running')
  }

  /** Answers `ready`, or how it ended: `dead`, or its exit code. */
  async start({
    enrollToken,
    plan = null,
    env = {},
  }: {
    readonly enrollToken?: string
    readonly plan?: FaultPlan | null
    readonly env?: Readonly<Record<string, string>>
  } = {}): Promise<'ready' | 'dead' | number> {
    const beginning: Beginning = { now: this.now, stateDir: this.stateDir, plan }
    const flags = [
      '--state',
      this.stateDir,
      '--run',
      this.runDir,
      '--courier-uid',
      String(courierUid),
      '--json',
    ]
    const enroll = enrollToken === undefined ? [] : ['--enroll', enrollToken]
    const program = await agentProgram()
    const child = spawn(process.execPath, [program, JSON.stringify(beginning), ...flags, ...enroll], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(program), 'compiled'), ...env },
    })
    child.stderr?.on('data', (text) => {
      this.log += text
    })
    child.on('error', unheard)
    const exit = once(child, 'exit').then(([code]) => code as number | null)
    const answers = new Map<number, (value: unknown) => void>()
    const line: Line = {
      send: (message) => void (child.connected && child.send(message as object, unheard)),
      onMessage: (take) => void child.on('message', take),
    }
    serveOs(this.os, line, (name, at) => {
      this.now = at
      this.onOsCall(name)
    })
    line.onMessage((message) => {
      const { answer, value } = message as Partial<Answer>
      if (answer !== undefined) answers.get(answer)?.(value)
    })
    this.#run = { child, exit, answers }
    void exit.then(() => this.#gone(child))
    const ready = once(child.stdout ?? assert.fail(), 'data').then(() => 'ready' as const)
    return withinReal(Promise.race([ready, exit.then((code) => code ?? ('dead' as const))]), 'a start', this)
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const run = this.#run
    run?.child.kill('SIGKILL')
    await run?.exit
  }

  /** Resolves when the agent is gone by itself. */
  async died(): Promise<void> {
    if (this.#run) await withinReal(this.#run.exit, 'a death', this)
  }

  /** SIGTERM, as a service manager does. */
  async stop(): Promise<number | null> {
    const run = this.#run
    run?.child.kill('SIGTERM')
    return run ? withinReal(run.exit, 'a stop', this) : null
  }

  /** A new agent on what the files hold. */
  async restart(): Promise<void> {
    await this.kill()
    assert.equal(await this.start(), 'ready', this.log)
  }

  /** The computer goes off and on again; the agent is not started. */
  async reboot(offMs = 60_000): Promise<void> {
    await this.kill()
    this.os.reboot()
    for (const [uid, name] of [
      [anna, 'anna'],
      [bert, 'bert'],
    ] as const)
      this.os.addAccount(uid, name)
    const bootId = `boot-${Number(this.now.bootId.slice(5)) + 1}`
    this.now = { bootId, bootMs: 0, wallMs: this.now.wallMs + offMs }
  }

  /** For the agent, if it runs, and for the system. Resolves when the agent has nothing left to do. */
  async pass(ms: number): Promise<void> {
    const later = { ...this.now, bootMs: this.now.bootMs + ms, wallMs: this.now.wallMs + ms }
    await this.#order({ order: 'pass', ms })
    this.now = later
  }

  /** Clocks jump; no alarm rings on the way. */
  async jump({ bootMs = 0, wallMs = 0 }: Partial<Instant>): Promise<void> {
    this.now = { ...this.now, bootMs: this.now.bootMs + bootMs, wallMs: this.now.wallMs + wallMs }
    await this.#order({ order: 'set-clock', now: this.now })
  }

  async plan(plan: FaultPlan | null): Promise<void> {
    await this.#order({ order: 'plan', plan })
  }

  /** Changes of files since the last plan. */
  async steps(): Promise<readonly Step[]> {
    return (await this.#order({ order: 'steps' })) as readonly Step[]
  }

  /** The recorder sees a program of this person with raised rights. */
  async program(uid: number, argv: readonly string[]): Promise<void> {
    await this.#order({ order: 'program', uid, argv })
  }

  /** One call of a person's program. @throws AgentGone */
  async reply(call: Readonly<Record<string, unknown>>, uid = anna): Promise<Reply> {
    const path = join(this.runDir, 'u', String(uid), 'agent.sock')
    if (uid !== anna) {
      const line = await SocketLine.to(path)
      return line.reply(call).finally(() => line.close())
    }
    this.#user ??= await SocketLine.to(path)
    return withinReal(this.#user.reply(call), `an answer to ${JSON.stringify(call)}`, this)
  }

  /** As `reply`; `gone` when the agent dies. */
  async word(call: Readonly<Record<string, unknown>>, uid = anna): Promise<string> {
    try {
      return wordOf(await this.reply(call, uid))
    } catch (error) {
      if (error instanceof AgentGone) return 'gone'
      throw error
    }
  }

  async status(uid = anna): Promise<UserStatus> {
    const reply = await this.reply({ call: 'status' }, uid)
    assert.ok(reply.ok, JSON.stringify(reply))
    return reply.result as UserStatus
  }

  // biome-ignore lint/suspicious/noExplicitAny: each call has its own result; the assertions look into it
  async courier(call: Readonly<Record<string, unknown>>): Promise<any> {
    this.#courier ??= await SocketLine.to(join(this.runDir, 'courier', 'agent.sock'))
    const reply = await withinReal(this.#courier.reply(call), `an answer to ${JSON.stringify(call)}`, this)
    assert.ok(reply.ok, JSON.stringify(reply))
    return reply.result
  }

  async entries(): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = []
    for (;;) {
      const page = await this.courier({ call: 'journal', from: entries.length, limit: 500 })
      if (page.entries.length === 0) return entries
      entries.push(...page.entries)
    }
  }

  /** The whole journal, from 0 to its end; chain and bodies are verified on the way. */
  async journal(): Promise<JournalFact[]> {
    let at = emptyChain
    return (await this.entries()).map((entry) => {
      const { header, end } = verifyEntry(at, entry)
      at = end
      const type = header.type as JournalType
      return { type, body: parse(journalBodies[type], entry.body) } as JournalFact
    })
  }

  async facts<T extends JournalType>(type: T): Promise<JournalBody<T>[]> {
    return (await this.journal())
      .filter((fact) => fact.type === type)
      .map(({ body }) => body as JournalBody<T>)
  }

  /** As the file says, whatever the agent believes. */
  stateOnDisk(): AgentState {
    return readState(readFileSync(join(this.stateDir, 'state.json')))
  }

  /** Whole lines of the files, unverified, whatever the agent believes. */
  journalOnDisk(): readonly JournalFact[] {
    const folder = join(this.stateDir, 'journal')
    const files = globSync('*/[0-9]*.jsonl', { cwd: folder }).sort()
    const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1))
    return lines.map((line) => {
      const { header, body } = JSON.parse(line) as JournalEntry
      return { type: JSON.parse(header).type, body } as JournalFact
    })
  }

  /** Removes what the doors left. */
  clearDoors(): void {
    for (const name of ['u', 'courier']) rmSync(join(this.runDir, name), { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await this.kill()
    rmSync(this.#base, { recursive: true, force: true })
    rmSync(this.runDir, { recursive: true, force: true })
  }

  #gone(child: ChildProcess): void {
    if (this.#run?.child !== child) return
    for (const answer of this.#run.answers.values()) answer(undefined)
    this.#run = null
    this.#user?.close()
    this.#courier?.close()
    this.#user = null
    this.#courier = null
  }

  /** Answered with undefined when the agent is not there, or dies of it. */
  async #order(order: Order): Promise<unknown> {
    const run = this.#run
    if (!run?.child.connected) return undefined
    const id = ++this.#orders
    const answered = new Promise((resolve) => run.answers.set(id, resolve))
    run.child.send({ ...order, id }, unheard)
    return withinReal(Promise.race([answered, run.exit.then(() => undefined)]), JSON.stringify(order), this)
  }
}

/** Whoever is dead hears nothing; that is seen by the exit. */
const unheard = () => undefined

async function withinReal<T>(work: Promise<T>, what: string, computer: FaultyComputer): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end of ${what}: ${computer.log}`)), mostRealMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
