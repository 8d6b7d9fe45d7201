/**
 * A computer with a person on it, an organisation's server, and a network between them that can be cut: the programs
 * as they are shipped, under names of their own. What it changes of this machine is undone also when it fails.
 */
import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync, rmSync } from 'node:fs'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { CuttableNetwork } from './cuttable-network.ts'
import { checkout, OrganisationServer, startProgram, stopProgram } from './organisation-server.ts'
import { Computer, run, until } from './os-fixture.ts'

/** User and group of the courier; nobody's. */
const courierId = '61999'

type Undo = () => Promise<unknown> | unknown

export class Workplace {
  readonly computer: Computer
  readonly person: Account
  readonly network: CuttableNetwork
  /** Nobody has joined it yet. */
  readonly office: OrganisationServer
  readonly #home: string
  readonly #undo: Undo[]

  private constructor(
    parts: Pick<Workplace, 'computer' | 'person' | 'network' | 'office'>,
    home: string,
    undo: Undo[],
  ) {
    this.computer = parts.computer
    this.person = parts.person
    this.network = parts.network
    this.office = parts.office
    this.#home = home
    this.#undo = undo
  }

  /** The server runs; the computer does not know it yet. */
  static async open(): Promise<Workplace> {
    const undo: Undo[] = []
    try {
      const computer = await Computer.open()
      undo.push(() => computer.close())
      const { name } = computer.paths
      const person = await computer.addAccount()
      const home = await shareCheckout(name, undo)
      const network = await CuttableNetwork.open(name)
      undo.push(() => network.close())
      const office = await OrganisationServer.open(`${network.here}:18003`)
      undo.push(() => office.close())
      return new Workplace({ computer, person, network, office }, home, undo)
    } catch (error) {
      await undoAll(undo)
      throw error
    }
  }

  /** Starts the agent and, at the far end of the network, the courier; waits until the computer is enrolled. */
  async enrol(token: string): Promise<void> {
    const { name } = this.computer.paths
    this.#undo.push(() => rmSync(`/var/lib/${name}`, { recursive: true, force: true }))
    const folders = ['--run', `/run/${name}`]
    const agentFlags = [
      '--state',
      `/var/lib/${name}`,
      '--enroll',
      token,
      '--courier-uid',
      courierId,
      '--json',
    ]
    const agent = await startProgram('agent', [...folders, ...agentFlags])
    this.#undo.push(() => stopProgram(agent.child))
    const courierFlags = [...folders, '--uid', courierId, '--gid', courierId, '--plain-http']
    const courier = await startProgram('courier', courierFlags, this.network.inside)
    this.#undo.push(() => stopProgram(courier.child))
    const isEnrolled = async () => (await this.stint('status')).device?.online === true
    await until('the computer is enrolled', isEnrolled, 30_000)
  }

  /** Program and arguments that run a `stint` verb as the person. */
  command(...words: readonly string[]): readonly [string, ...string[]] {
    const node = process.execPath.replace(checkout, this.#home)
    const stint = [node, `${this.#home}/apps/cli/src/main.ts`, ...words, '--json']
    return ['runuser', '-u', this.person.name, '--', ...stint, '--run', `/run/${this.computer.paths.name}`]
  }

  /** One `stint` command as the person. */
  // biome-ignore lint/suspicious/noExplicitAny: each verb has its own answer; the assertions look into it
  async stint(...words: readonly string[]): Promise<any> {
    const [program, ...args] = this.command(...words)
    return JSON.parse((await run(program, args)).stdout)
  }

  /** Something to undo when this closes, before everything older. */
  onClose(step: Undo): void {
    this.#undo.push(step)
  }

  async close(): Promise<void> {
    assert.deepEqual(await undoAll(this.#undo), [])
  }
}

/** Makes the checkout readable for everybody at a path of its own: where it lies, others may not look. */
export async function shareCheckout(name: string, undo: Undo[]): Promise<string> {
  const home = `/run/lock/${name}`
  mkdirSync(home)
  undo.push(() => rmdirSync(home))
  const { status, stderr } = await run('mount', ['--bind', checkout, home])
  assert.equal(status, 0, stderr)
  undo.push(() => run('umount', ['--lazy', home]))
  return home
}

/** Newest first, every step whatever the others do; gives what failed. */
async function undoAll(undo: Undo[]): Promise<readonly unknown[]> {
  const failures: unknown[] = []
  for (let step = undo.pop(); step; step = undo.pop()) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  return failures
}
