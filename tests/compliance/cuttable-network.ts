/** A network namespace joined to this machine by one cable that can be pulled. */
import assert from 'node:assert/strict'
import { run } from './os-fixture.ts'

async function ip(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run('ip', args)
  assert.equal(status, 0, `ip ${args.join(' ')}: ${stderr}`)
}

export class CuttableNetwork {
  readonly name: string
  /** Address of this machine as the namespace sees it. */
  readonly here = '10.213.77.1'

  private constructor(name: string) {
    this.name = name
  }

  static async open(name: string): Promise<CuttableNetwork> {
    const network = new CuttableNetwork(name)
    try {
      await ip('netns', 'add', name)
      await ip('link', 'add', network.#cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
      await ip('addr', 'add', `${network.here}/30`, 'dev', network.#cable)
      await ip('link', 'set', network.#cable, 'up')
      await ip('-n', name, 'addr', 'add', '10.213.77.2/30', 'dev', 'eth0')
      await ip('-n', name, 'link', 'set', 'eth0', 'up')
      await ip('-n', name, 'link', 'set', 'lo', 'up')
      return network
    } catch (error) {
      await network.close()
      throw error
    }
  }

  get #cable(): string {
    return `${this.name}v`
  }

  /** What to put before a command so that it runs inside. Not `ip netns exec`, which hides the process groups. */
  get inside(): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.name}`]
  }

  cut(): Promise<void> {
    return ip('-n', this.name, 'link', 'set', 'eth0', 'down')
  }

  mend(): Promise<void> {
    return ip('-n', this.name, 'link', 'set', 'eth0', 'up')
  }

  async close(): Promise<void> {
    await run('ip', ['netns', 'del', this.name])
    await run('ip', ['link', 'del', this.#cable])
  }
}
