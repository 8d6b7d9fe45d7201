import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { openEventStream } from '../src/http/event-stream.ts'
import { SetClock } from './set-clock.ts'

test('a listener who hung up while his call was judged is let go at once, and is asked about no more', async () => {
  const clock = new SetClock()
  const written: string[] = []
  const raw = Object.assign(new EventEmitter(), {
    destroyed: true,
    writableLength: 0,
    writeHead: () => raw,
    write: (text: string) => written.push(text),
    end: () => undefined,
    destroy: () => undefined,
  })
  const reply = { raw, getHeaders: () => ({}), hijack: () => undefined }
  let asked = 0
  const stillWelcome = async () => {
    asked += 1
    return true
  }
  const stream = openEventStream({ headers: {} } as never, reply as never, clock, stillWelcome)
  let ended = 0
  stream.onClose(() => {
    ended += 1
  })
  clock.pass(60_000)
  assert.deepEqual([ended, asked], [1, 0])
})
