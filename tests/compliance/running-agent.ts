/** The agent as it is shipped, in a process of its own, and connections to it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** One connection to a socket of the agent. */
export class Line {
  readonly #socket: Socket
  readonly #lines: AsyncIterableIterator<string>
  #id = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  }

  static async to(path: string): Promise<Line> {
    const socket = connect(path)
    await once(socket, 'connect')
    return new Line(socket)
  }

  // biome-ignore lint/suspicious/noExplicitAny: each call has its own result; the assertions look into it
  async call(call: Record<string, unknown>): Promise<any> {
    const id = ++this.#id
    this.#socket.write(`${JSON.stringify({ id, ...call })}\n`)
    for (;;) {
      const reply = JSON.parse((await this.#lines.next()).value ?? 'null')
      if (reply.id !== id) continue
      assert.ok(reply.ok, JSON.stringify(reply))
      return reply.result
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

export class RunningAgent {
  readonly child: ChildProcess
  log = ''

  constructor(runDir: string, stateDir: string, more: readonly string[]) {
    const main = new URL('../../apps/agent/src/main.ts', import.meta.url).pathname
    this.child = spawn(process.execPath, [main, '--run', runDir, '--state', stateDir, '--json', ...more])
    this.child.stderr?.on('data', (text) => {
      this.log += text
    })
  }

  async ready(): Promise<void> {
    const [line] = await Promise.race([
      once(this.child.stdout ?? assert.fail(), 'data'),
      once(this.child, 'exit'),
    ])
    assert.match(String(line), /"ready":true/, this.log)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode
    this.child.kill(signal)
    const [code] = await once(this.child, 'exit')
    return code
  }
}
