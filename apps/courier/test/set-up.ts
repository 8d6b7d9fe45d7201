import { createCourier } from '../src/courier.ts'
import { SetTimers, testRandom } from './set-timers.ts'
import { TestAgent } from './test-agent.ts'
import { TestServer } from './test-server.ts'

/** A courier between an agent and a server in memory; time passes for all of them together. */
export function setUp(prepare: (agent: TestAgent, server: TestServer) => void = () => undefined) {
  const agent = new TestAgent()
  const timers = new SetTimers()
  const server = new TestServer(timers)
  const lines: string[] = []
  prepare(agent, server)
  const log = (line: string) => lines.push(line)
  const courier = createCourier({ agent, server, timers, random: testRandom(), log })
  courier.start()
  const pass = (ms: number) => timers.pass(ms)
  /** Time passes on a good line, with the server's sign of life every 15 seconds. */
  const passAlive = async (ms: number) => {
    for (let left = ms; left > 0; left -= 15_000) {
      await timers.pass(Math.min(left, 15_000))
      server.streams.at(-1)?.hear.alive()
    }
  }
  return { agent, server, timers, courier, lines, pass, passAlive }
}
