import type { RequestFact } from '@stint/wire/journal'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Organisation } from '../../apps/agent/test/organisation.ts'
import type { Door } from '../../apps/cli/src/door.ts'
import type { Computer } from '../../tests/compliance/os-fixture.ts'
import { must, openDoorOf, startAgent } from './bench-computer.ts'
import { CourierLine } from './courier-line.ts'

export interface Entry {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: each type of entry has its own body
  readonly body: any
}

/** The agent as it is shipped, and in place of courier and server only the codes that they would make. */
export class EnrolledByHand {
  readonly agentPid: number
  readonly door: Door
  readonly courier: CourierLine
  readonly #organisation: Organisation
  #read = 0

  private constructor(agentPid: number, door: Door, courier: CourierLine, organisation: Organisation) {
    this.agentPid = agentPid
    this.door = door
    this.courier = courier
    this.#organisation = organisation
  }

  static async start(
    undo: AsyncDisposableStack,
    computer: Computer,
    person: Account,
  ): Promise<EnrolledByHand> {
    const organisation = new Organisation()
    const agent = await startAgent(undo, computer, organisation.token())
    const courier = await CourierLine.open(undo, `/run/${computer.paths.name}`)
    const { hello } = await courier.call('enrol-hello', {})
    await courier.call('enrol-welcome', { welcome: organisation.welcome(hello) })
    await courier.call('enrolled', {})
    const door = await openDoorOf(undo, computer, person)
    return new EnrolledByHand(agent.pid ?? 0, door, courier, organisation)
  }

  /** Asks for a session, without a network, and gives the response code for it. */
  async code(): Promise<string> {
    must(await this.door.call('request', { reason: 'Measure a session', mode: 'session', offline: true }))
    const asked = (await this.newEntries()).findLast(({ type }) => type === 'request.created')
    const fact: RequestFact = asked?.body
    return this.#organisation.response(fact).text
  }

  /** What the journal has since this was last called. */
  async newEntries(): Promise<readonly Entry[]> {
    const found: Entry[] = []
    for (;;) {
      const { entries } = await this.courier.call('journal', { from: this.#read, limit: 500 })
      if (entries.length === 0) return found
      this.#read += entries.length
      for (const { header, body } of entries) found.push({ type: JSON.parse(header).type, body })
    }
  }
}
