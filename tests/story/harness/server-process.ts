import type { IssuerCall } from '@stint/wire/issuer'
import { createServer, openDatabase, type Server, type ServerParts } from '../../../apps/server/src/index.ts'
import type { IssuerProcess } from './issuer-process.ts'
import { Life } from './life.ts'
import { drawn } from './random.ts'
import { Refused } from './refused.ts'
import type { WorldTime } from './time.ts'

type Database = ServerParts['db']

/** Where people and computers reach it. Nobody listens there: every call is handed over in memory. */
export const publicUrl = 'https://stint.example.org'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Path and query. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface Message {
  readonly type: string
  readonly token?: string
}

/** The server as a process that can die. What it committed stays. */
export class ServerProcess {
  readonly db: Database
  /** Faults that it logged. A story that ends with one has not shown what it says. */
  readonly faults: string[] = []
  readonly #time: WorldTime
  readonly #issuer: IssuerProcess
  #life = new Life()
  #server: Server | null = null
  #runs = 0
  /** Whether it dies before it asks this. */
  #dies: (call: IssuerCall['call']) => boolean = () => false

  private constructor(db: Database, time: WorldTime, issuer: IssuerProcess) {
    this.db = db
    this.#time = time
    this.#issuer = issuer
  }

  static async open(time: WorldTime, issuer: IssuerProcess): Promise<ServerProcess> {
    const server = new ServerProcess(await openDatabase(':memory:'), time, issuer)
    await server.starts()
    return server
  }

  get life(): Life {
    return this.#life
  }

  /** The program itself, for the few facts that no call of the API gives. */
  get running(): Server {
    if (this.#server === null) throw new Refused('server-unreachable')
    return this.#server
  }

  async starts(): Promise<void> {
    const life = new Life()
    this.#life = life
    const random = drawn(`server ${++this.#runs}`)
    this.#server = await createServer({
      db: this.#databaseOf(life),
      issuer: this.#issuerOf(life),
      clock: { now: this.#time.now },
      timers: {
        every: (ms, work) =>
          onlyWhile(
            life,
            this.#time.every(ms, () => life.on && work()),
          ),
      },
      random,
      log: logTo(this.faults),
      // 64 KiB: a story is not about the cost of passwords.
      config: { publicUrl, consoleFolder: '/nowhere', callsPerMinute: 1e6, passwordMemoryKiB: 64 },
    })
    this.#server.start()
    await this.#time.quiet()
  }

  /** Starts unless it runs. */
  async comesBack(): Promise<void> {
    if (this.#server === null) await this.starts()
  }

  dies(): void {
    this.#server = null
    this.#life.end()
  }

  /** It dies when it wants to ask the issuer this, before it has asked. */
  diesBefore(name: IssuerCall['call']): void {
    this.#dies = (call) => call === name
  }

  /** The same for what it asks the `number`th time from now on. */
  diesBeforeCall(number: number): void {
    let left = number
    this.#dies = () => --left === 0
  }

  get runs(): boolean {
    return this.#server !== null
  }

  /** One call. Throws `Refused('server-unreachable')` when nobody is there to answer it, or not any more. */
  async call({ method, url, headers = {}, body }: Call, payloadAsStream = false) {
    const { app } = this.running
    const life = this.#life
    const payload = body === undefined ? {} : { payload: body }
    const call = app.inject({ method, url, headers: { ...headers }, ...payload, payloadAsStream })
    return this.#time.during(life.orGone(call, () => new Refused('server-unreachable')))
  }

  /** Messages that it has queued for a computer, as that gets them; oldest first, done ones too. */
  async messagesTo(deviceId: string): Promise<Message[]> {
    const rows = await this.db.read
      .selectFrom('device_message')
      .select('body')
      .where('device_id', '=', deviceId)
      .orderBy('id')
      .execute()
    return rows.map(({ body }) => JSON.parse(body))
  }

  async close(): Promise<void> {
    await this.#server?.close()
    this.#life.end()
    await this.db.close()
  }

  #databaseOf(life: Life): Database {
    return { ...this.db, write: (work) => (life.on ? this.db.write(work) : never()) }
  }

  #issuerOf(life: Life): ServerParts['issuer'] {
    return {
      call: async (request) => {
        if (life.on && this.#dies(request.call)) {
          this.#dies = () => false
          this.dies()
        }
        return life.on ? this.#issuer.link.call(request) : never()
      },
    }
  }
}

/** What a dead process waits for. */
function never<T>(): Promise<T> {
  return new Promise(() => {})
}

function onlyWhile(life: Life, stop: () => void): () => void {
  life.onEnd(stop)
  return stop
}

/** Keeps faults, drops everything else. */
function logTo(faults: string[]): ServerParts['log'] {
  const nothing = () => undefined
  const error = (what: unknown, message?: string) => {
    const cause = typeof what === 'object' && what !== null && 'err' in what ? what.err : what
    faults.push(`${message ?? ''}: ${cause instanceof Error ? cause.stack : JSON.stringify(cause)}`)
  }
  const log = {
    level: 'error',
    silent: nothing,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
  }
  const whole: ServerParts['log'] = { ...log, error, fatal: error, child: () => whole }
  return whole
}
