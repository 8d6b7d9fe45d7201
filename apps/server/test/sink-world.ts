import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Actor } from '../src/actor.ts'
import { startBoot } from '../src/clock.ts'
import type { Database } from '../src/db/database.ts'
import { createNewId } from '../src/identifier.ts'
import { createLedgerStore } from '../src/slices/ledger/ledger.store.sql.ts'
import { createLedger } from '../src/slices/ledger/ledger.ts'
import type { SinkWish } from '../src/slices/sinks/changes.ts'
import type { OutFact } from '../src/slices/sinks/out-fact.ts'
import { createSinkStore } from '../src/slices/sinks/sinks.store.sql.ts'
import { createSinks, type SinkParts } from '../src/slices/sinks/sinks.ts'
import { SetClock } from './set-clock.ts'

export const actor: Actor = {
  ...{ kind: 'person', id: '01890000-0000-7000-8000-000000000001', email: 'a@example.org', label: 'Ada' },
  ...{ personId: '01890000-0000-7000-8000-000000000001', rights: [] },
}

/** A ledger and its sinks on a database, with a set clock; `another` is a second server on the same. */
export function sinkWorld(db: Database, given: Partial<SinkParts> = {}, clock = new SetClock()) {
  const random = (bytes: number) => randomBytes(bytes)
  const newId = createNewId(clock, random)
  const ledger = createLedger({ store: createLedgerStore(db.read), clock, boot: startBoot('test'), random })
  const means = { folder: null, key: randomBytes(32) }
  const parts: SinkParts = {
    ...{ db, clock, random, newId, ledger, means, host: 'stint.example.org' },
    failed(error) {
      throw error
    },
    ...{ store: createSinkStore(db.read), facts: createLedgerStore(db.read), ...given },
  }
  const sinks = createSinks(parts)
  return {
    ...{ db, clock, sinks, parts },
    another: () => createSinks(parts),
    /** So many facts in one transaction. */
    async happened(count: number, body: Readonly<Record<string, string>> = {}) {
      await db.write(async (tx) => {
        for (let n = 0; n < count; n++)
          await ledger.append(tx, { type: 'person.changed', actor: 'server', subject: `person:${n}`, body })
      })
    },
    async made(wish: Partial<SinkWish> & Pick<SinkWish, 'target'>, from: 'now' | 'beginning' = 'beginning') {
      const outcome = await sinks.create(actor, { name: `sink ${newId()}`, types: null, ...wish }, from)
      if (!outcome.ok) throw new Error(`${outcome.refused.code}: ${outcome.refused.hint}`)
      return outcome.value
    },
    async row(id: string) {
      const row = await parts.store.sink(id)
      if (row === null) throw new Error('the sink is gone')
      return row
    },
    size: async () => ((await parts.facts.last())?.seq ?? -1) + 1,
  }
}
export type SinkWorld = ReturnType<typeof sinkWorld>

/** What a receiver does with a call: answer with a status, cut before or within its answer, or stay silent. */
export type Manner = number | 'cut' | 'cut-answer' | 'silent'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver over HTTP on this machine. It keeps what it read whole, whatever it then answers. */
export interface HttpReceiver {
  readonly url: string
  readonly calls: Received[]
  manner: Manner
  answer: string
  close(): Promise<void>
}

export async function startHttpReceiver(): Promise<HttpReceiver> {
  const server: Server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => {
      pieces.push(piece)
      if (receiver.manner === 'cut') request.socket.destroy()
    })
    request.on('end', () => {
      const { manner } = receiver
      if (manner === 'cut') return
      receiver.calls.push({ headers: request.headers, body: Buffer.concat(pieces).toString('utf8') })
      if (manner === 'silent') return
      if (manner === 'cut-answer') {
        response.writeHead(200, { 'content-length': 100 })
        response.write('{', () => request.socket.destroy())
        return
      }
      response.writeHead(manner, manner >= 300 && manner < 400 ? { location: receiver.url } : {})
      response.end(receiver.answer)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${port}/in`,
    calls: [],
    manner: 200,
    answer: '',
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return receiver
}

export function factsIn({ body }: Received): readonly OutFact[] {
  return JSON.parse(body).facts
}

/** Numbers of the facts of all calls, in the order in which they came. */
export function numbersIn(calls: readonly Received[]): readonly (number | null)[] {
  return calls.flatMap(factsIn).map(({ seq }) => seq)
}

export const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)
