import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { courierFrameMax, FrameReader, frame } from '@stint/wire'
import type { CourierCall, CourierResults, CourierState } from '@stint/wire/local-courier'

type Fields<N extends CourierCall['call']> = Omit<Extract<CourierCall, { call: N }>, 'id' | 'call'>
interface Message {
  readonly id?: number
  readonly state?: CourierState
  readonly ok?: boolean
  readonly result?: unknown
}

/** The courier's conversation with the agent, one call at a time, with no server behind it. */
export class CourierLine {
  readonly #socket: Socket
  readonly #reader = new FrameReader(courierFrameMax)
  #settle: (answer: Message) => void = () => undefined
  #id = 0
  /** Entries in the agent's journal, as the agent last said unasked: to ask would cost it time. */
  journalSize = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('close', () => this.#settle({ id: this.#id }))
  }

  static async open(undo: AsyncDisposableStack, runDir: string): Promise<CourierLine> {
    const socket = connect(`${runDir}/courier/agent.sock`)
    undo.defer(() => void socket.destroy())
    await once(socket, 'connect')
    return new CourierLine(socket)
  }

  /** @throws Error when the agent refused or is gone */
  async call<N extends CourierCall['call']>(call: N, fields: Fields<N>): Promise<CourierResults[N]> {
    const id = ++this.#id
    const answer = await new Promise<Message>((resolve) => {
      if (this.#socket.destroyed) return resolve({ id })
      this.#settle = resolve
      this.#socket.write(frame({ id, call, ...fields }))
    })
    if (answer.ok) return answer.result as CourierResults[N]
    throw new Error(`${call}: ${JSON.stringify(answer)}`)
  }

  #read(chunk: Uint8Array): void {
    for (const text of this.#reader.push(chunk)) {
      const message: Message = JSON.parse(text)
      if (message.state) this.journalSize = message.state.journal.size
      else if (message.id === this.#id) this.#settle(message)
    }
  }
}
