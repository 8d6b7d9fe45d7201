import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Account } from '../../apps/agent/src/os/os.ts'

export interface Timed {
  /** Between the order and its answer, as this process sees it. */
  readonly wallMs: number
  /** Of the command and of everything that it waited for. */
  readonly cpuMs: number
}

const loop = `
  TIMEFORMAT='%U %S'
  while IFS= read -r line; do
    { time eval "$line" </dev/null >/dev/null 2>&1; } 2>&1
    echo "$?"
  done`

/** A shell that a person has open: what is timed is what a person waits for, and no program that starts a shell. */
export class PersonShell {
  readonly #child: ChildProcess
  readonly #orders: Writable
  readonly #answers: AsyncIterableIterator<string>

  private constructor(child: ChildProcess, orders: Writable, answers: Readable) {
    this.#child = child
    this.#orders = orders
    this.#answers = createInterface({ input: answers })[Symbol.asyncIterator]()
  }

  /** Opens it as a login session does, with the person's login id. To be called as root. */
  static open({ uid, name }: Account): PersonShell {
    const become = `echo ${uid} > /proc/self/loginuid && exec runuser -u ${name} -- bash -c "$LOOP"`
    const child = spawn('sh', ['-c', become], {
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', LOOP: loop },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    return new PersonShell(child, child.stdin, child.stdout)
  }

  /** Whether `command` ends with 0. */
  async succeeds(command: string): Promise<boolean> {
    return (await this.#run(command)).status === 0
  }

  /** @throws Error when it does not end with 0: then something else was measured */
  async time(command: string): Promise<Timed> {
    const { status, ...timed } = await this.#run(command)
    if (status === 0) return timed
    throw new Error(`${command}: ended with ${status}`)
  }

  async #run(command: string): Promise<Timed & { readonly status: number }> {
    const began = process.hrtime.bigint()
    this.#orders.write(`${command}\n`)
    const [user = Number.NaN, system = Number.NaN] = (await this.#line()).split(' ').map(Number)
    const status = Number(await this.#line())
    const wallMs = Number(process.hrtime.bigint() - began) / 1e6
    return { status, wallMs, cpuMs: (user + system) * 1000 }
  }

  async #line(): Promise<string> {
    const next = await this.#answers.next()
    if (next.done) throw new Error("the person's shell is gone")
    return next.value
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#orders.end()
    await gone
  }
}
