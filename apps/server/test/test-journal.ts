import type { Entry } from '@stint/chain'
import type { JournalType } from '@stint/elevation'
import type { JournalBody, RequestFact } from '@stint/wire/journal'
import type { TestDevice } from './test-device.ts'

/** What a computer writes down and sends at once: entries and the checkpoints of its seals. */
export class TestJournal {
  readonly #by: TestDevice
  readonly #entries: Entry[] = []
  readonly #checkpoints: string[] = []

  constructor(by: TestDevice) {
    this.#by = by
  }

  add<T extends JournalType>(type: T, body: JournalBody<T>): this {
    this.#entries.push(this.#by.entry(type, body))
    return this
  }

  seal(): this {
    const { entry, checkpoint } = this.#by.seal()
    this.#entries.push(entry)
    this.#checkpoints.push(checkpoint)
    return this
  }

  /** A grant, sealed as it must be before rights go up. An own decision of the computer unless told. */
  granted(
    request: Pick<RequestFact, 'requestId' | 'counter' | 'userId'>,
    sessionId: string,
    more: Partial<JournalBody<'grant.admitted'>> = {},
  ): this {
    const { requestId, counter, userId } = request
    return this.add('grant.admitted', {
      ...{ requestId, sessionId, counter, userId, credential: 'self-approval', mode: 'session' },
      ...{ answeredSeconds: 900, grantedSeconds: 900, endProcesses: true, profile: 0, jti: null },
      ...more,
    }).seal()
  }

  /** Sends what there is. Throws when it is refused. */
  async send(): Promise<void> {
    const entries = this.#entries.splice(0)
    const sent = await this.#by.send(entries, { checkpoints: this.#checkpoints.splice(0) })
    if (sent.status !== 200) throw new Error(`the journal was refused: ${JSON.stringify(sent.body)}`)
  }
}
