/** A real computer with the shipped agent, an organisation at the other end, and one person who is raised by a code. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalType } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import { Computer, until } from './os-fixture.ts'
import { Line, RunningAgent } from './running-agent.ts'

type Policy = Parameters<Organisation['policy']>[0]

export class SessionScene {
  readonly computer: Computer
  readonly person: Account
  readonly other: Account
  readonly #organisation = new Organisation()
  readonly #undo: (() => unknown)[] = []
  readonly #courierUid: string
  #agent: RunningAgent | null = null
  #user: Line | null = null
  #courier: Line | null = null

  private constructor(computer: Computer, [person, other, courier]: readonly [Account, Account, Account]) {
    this.computer = computer
    this.person = person
    this.other = other
    this.#courierUid = String(courier.uid)
  }

  /** The agent is enrolled and has this policy; nobody is raised. */
  static async open(policy: Policy): Promise<SessionScene> {
    const computer = await Computer.open()
    try {
      const account = () => computer.addAccount()
      const scene = new SessionScene(computer, [await account(), await account(), await account()])
      await scene.#enrol(policy)
      return scene
    } catch (error) {
      await computer.close()
      throw error
    }
  }

  get name(): string {
    return this.computer.paths.name
  }

  get stateDir(): string {
    return `/var/lib/${this.name}`
  }

  async start(...more: readonly string[]): Promise<void> {
    const { run } = this.computer.paths
    this.#agent = new RunningAgent(run, this.stateDir, ['--courier-uid', this.#courierUid, ...more])
    await this.#agent.ready()
    this.#courier = await Line.to(join(run, 'courier', 'agent.sock'))
    this.#user = await Line.to(join(run, 'u', String(this.person.uid), 'agent.sock'))
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#user?.close()
    this.#courier?.close()
    await this.#agent?.stop(signal)
  }

  // biome-ignore lint/suspicious/noExplicitAny: each call has its own result; the assertions look into it
  user(call: Record<string, unknown>): Promise<any> {
    return this.#user?.call(call) ?? assert.fail('the agent does not run')
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  courier(call: Record<string, unknown>): Promise<any> {
    return this.#courier?.call(call) ?? assert.fail('the agent does not run')
  }

  async policy(changes: Policy): Promise<void> {
    const message = { type: 'policy', policy: this.#organisation.policy(changes) }
    assert.deepEqual(await this.courier({ call: 'deliver', message }), { done: true })
  }

  /** Asks, and types the answer. `answer`: what else the approver chose. */
  async raise(minutes = 5, answer: Parameters<Organisation['response']>[2] = {}): Promise<void> {
    const reason = 'Change the computer'
    await this.user({ call: 'request', mode: 'session', reason, offline: true })
    const request = (await this.facts('request.created')).at(-1) ?? assert.fail('no request')
    await this.user({ call: 'answer', text: this.#organisation.response(request, minutes, answer).text })
    assert.equal(await this.computer.canAct(this.person.uid), true)
  }

  /** Runs a script as root by the raised person's sudo. */
  async elevated(script: string): Promise<void> {
    const quoted = script.replaceAll("'", `'\\''`)
    const { status, stderr } = await this.computer.as(this.person, `sudo -n sh -ec '${quoted}'`)
    assert.equal(status, 0, stderr)
  }

  async facts<T extends JournalType>(type: T): Promise<JournalBody<T>[]> {
    const { entries } = await this.courier({ call: 'journal', from: 0, limit: 500 })
    const ofType = entries.filter((entry: { header: string }) => JSON.parse(entry.header).type === type)
    return ofType.map(({ body }: { body: JournalBody<T> }) => body)
  }

  async awaited<T extends JournalType>(type: T, count = 1): Promise<JournalBody<T>> {
    await until(
      `${type} is in the journal`,
      async () => (await this.facts(type)).length >= count,
      90_000,
      200,
    )
    return (await this.facts(type)).at(-1) ?? assert.fail(type)
  }

  /** Done at the end, also when the test fails; newest first. */
  onClose(step: () => unknown): void {
    this.#undo.push(step)
  }

  async close(): Promise<void> {
    await this.stop()
    for (const step of this.#undo.reverse()) await step()
    for (const dir of [this.computer.paths.run, this.stateDir]) rmSync(dir, { recursive: true, force: true })
    await this.computer.close()
  }

  async #enrol(policy: Policy): Promise<void> {
    await this.start('--enroll', this.#organisation.token())
    const { hello } = await this.courier({ call: 'enrol-hello' })
    const welcome = this.#organisation.welcome(hello)
    await this.courier({ call: 'enrol-welcome', welcome })
    await this.courier({ call: 'enrolled' })
    await this.policy({ graceSeconds: 0, ...policy })
  }
}
