import { Fault } from '@stint/elevation'
import type { ServerLink, ServerRequest, StreamHearing } from '../../../apps/courier/src/index.ts'
import { Refused } from './refused.ts'
import type { ServerProcess } from './server-process.ts'
import type { WorldTime } from './time.ts'

/** One stretch of being connected. What is under way when it ends is lost without a word, as on a real line. */
interface Line {
  isUp: boolean
}

/** The way from one computer to the server, without sockets. It can be cut, and it can lose an answer. */
export class Network {
  readonly #server: ServerProcess
  readonly #time: WorldTime
  #line: Line = { isUp: true }
  /** Whether this exchange is the one whose answer is lost. */
  #isLost: (path: string) => boolean = () => false

  constructor(server: ServerProcess, time: WorldTime) {
    this.#server = server
    this.#time = time
  }

  cut(): void {
    this.#line.isUp = false
  }

  mend(): void {
    if (!this.#line.isUp) this.#line = { isUp: true }
  }

  get isUp(): boolean {
    return this.#line.isUp
  }

  /** The server gets the next call whose path ends so and acts on it; its answer never arrives, and the line is cut. */
  losesAnswerTo(end: string): void {
    this.#isLost = (path) => path.endsWith(end)
  }

  /** The same for the call that is the `number`th from now on. */
  losesAnswer(number: number): void {
    let left = number
    this.#isLost = () => --left === 0
  }

  readonly link: ServerLink = {
    send: async (request) => {
      const answer = await this.#exchange(request, false)
      return { status: answer.statusCode, json: jsonOf(answer.body) }
    },
    stream: async (request, hear, signal) => {
      const line = this.#line
      const answer = await this.#exchange(request, true)
      if (answer.statusCode !== 200)
        return { status: answer.statusCode, json: jsonOf(await textOf(answer.stream())) }
      const over = () => {
        if (line.isUp) answer.raw.res.destroy()
      }
      return this.#hearOut(answer.stream(), { line, hear, signal, over })
    },
  }

  async #exchange({ method, url, headers, body }: ServerRequest, asStream: boolean) {
    const line = this.#line
    if (!line.isUp) throw unreachable()
    const { pathname, search } = new URL(url)
    const payload = method === 'POST' ? { body: Buffer.from(body) } : {}
    const answer = await this.#server
      .call({ method, url: `${pathname}${search}`, headers, ...payload }, asStream)
      .catch((error: unknown) => {
        throw error instanceof Refused ? unreachable() : error
      })
    if (this.#isLost(pathname)) {
      this.#isLost = () => false
      this.cut()
    }
    if (!line.isUp) throw unreachable()
    return answer
  }

  #hearOut(
    stream: NodeJS.ReadableStream,
    { line, hear, signal, over }: { line: Line; hear: StreamHearing; signal: AbortSignal; over: () => void },
  ): Promise<null> {
    return new Promise((resolve, reject) => {
      let queue: Promise<unknown> = Promise.resolve()
      const cut = () => {
        over()
        reject(unreachable())
      }
      signal.addEventListener('abort', cut)
      this.#server.life.onEnd(() => line.isUp && cut())
      const events = new EventText()
      hear.alive()
      stream.on('data', (chunk: Buffer) => {
        if (!line.isUp) return
        hear.alive()
        for (const event of events.push(chunk.toString('utf8')))
          queue = queue.then(() => this.#time.during(hear.event(event))).catch(reject)
      })
      stream.on('end', () => line.isUp && queue.then(() => resolve(null)))
      stream.on('error', () => line.isUp && reject(unreachable()))
    })
  }
}

/** Server-sent events out of a text that comes in pieces: `id` and `data` lines, an empty line ends one. */
class EventText {
  #held = ''

  push(text: string): { readonly id: string | undefined; readonly data: string }[] {
    const blocks = (this.#held + text).split('\n\n')
    this.#held = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      return data === undefined ? [] : [{ id: /^id: (.*)$/m.exec(block)?.[1], data }]
    })
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const part of stream) text += part.toString()
  return text
}

function jsonOf(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text)
}

function unreachable(): Fault {
  return new Fault('server-unreachable', 'The line is cut', 'Mend it.')
}
