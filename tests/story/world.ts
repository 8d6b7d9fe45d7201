/**
 * The whole product in one process, for stories: real agents, real couriers, the real server and the real issuer,
 * with one time for all of them, no socket and no waiting. What is not ours is fake: the operating system and the
 * recorder of each computer, its disk, and the network.
 *
 *     await world.computer('train-laptop', 'alice')
 *     const request = await world.person('alice').asks()
 *     await world.carol.approves(request)
 */
import assert from 'node:assert/strict'
import type { Role } from '@stint/elevation'
import type { MemoryDisk } from '../../apps/agent/test/memory-disk.ts'
import { holdsTogether } from './harness/audit.ts'
import { Colleague } from './harness/colleague.ts'
import { Computer } from './harness/computer.ts'
import { IssuerProcess } from './harness/issuer-process.ts'
import { ServerProcess } from './harness/server-process.ts'
import { WorldTime } from './harness/time.ts'
import { User } from './harness/user.ts'

export { Refused, refusal } from './harness/refused.ts'

/** An organisation with an owner, Carol who approves, and offline codes allowed. */
export class World {
  readonly clock: WorldTime
  readonly issuer: IssuerProcess
  readonly server: ServerProcess
  readonly owner: Colleague
  readonly carol: Colleague
  readonly computers: Computer[] = []

  private constructor(parts: Pick<World, 'clock' | 'issuer' | 'server' | 'owner' | 'carol'>) {
    this.clock = parts.clock
    this.issuer = parts.issuer
    this.server = parts.server
    this.owner = parts.owner
    this.carol = parts.carol
  }

  static async open(): Promise<World> {
    const clock = new WorldTime()
    const issuer = new IssuerProcess(clock)
    const server = await ServerProcess.open(clock, issuer)
    const link = await server.running.ownerLink('olga@example.org')
    const owner = await Colleague.joins(link ?? assert.fail('no owner link'), 'olga', server, clock)
    await owner.sets({ offlineCodes: true })
    const carol = await owner.invites('carol', 'approver')
    return new World({ clock, issuer, server, owner, carol })
  }

  /** Somebody else with a login to the console. */
  colleague(name: string, role: Role = 'approver'): Promise<Colleague> {
    return this.owner.invites(name, role)
  }

  /** A computer that is switched on and enrolled, with the accounts of these people. */
  async computer(name: string, ...people: readonly string[]): Promise<Computer> {
    const computer = await this.newComputer(name, people, await this.owner.enrollmentToken())
    assert.equal((await computer.state()).state, 'enrolled')
    return computer
  }

  /** A computer that is switched on with this token, whatever comes of it. */
  async newComputer(name: string, people: readonly string[], token?: string): Promise<Computer> {
    const computer = new Computer(name, people, this.clock, this.server)
    this.computers.push(computer)
    await computer.starts(token)
    return computer
  }

  /** Another machine that boots from a copy of a disk. */
  async clone(name: string, people: readonly string[], disk: MemoryDisk): Promise<Computer> {
    const clone = new Computer(name, people, this.clock, this.server)
    clone.hasDisk(disk)
    this.computers.push(clone)
    await clone.starts()
    return clone
  }

  /** It is switched off and nobody looks at it again. */
  scraps(computer: Computer): void {
    computer.stops()
    this.computers.splice(this.computers.indexOf(computer), 1)
  }

  /** By name; `at` where somebody of this name has an account on several computers. */
  person(name: string, at = this.computers.find(({ people }) => people.includes(name))): User {
    return new User(name, at ?? assert.fail(`nobody is called ${name}`))
  }

  async close(): Promise<void> {
    for (const computer of this.computers) computer.stops()
    await this.server.close()
    this.issuer.close()
  }
}

/**
 * One story in a world of its own, as the body of a test. At its end, whatever happened in it, both sides agree:
 * nothing was granted twice and nothing was lost (`harness/audit.ts`).
 */
export function story(tell: (world: World) => Promise<void>): () => Promise<void> {
  return async () => {
    const world = await World.open()
    try {
      await tell(world)
      await holdsTogether(world)
    } finally {
      await world.close()
    }
  }
}
