import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../src/clock.ts'
import { type ChildParts, startChild } from '../src/up/child.ts'
import { readableLine } from '../src/up/child-log.ts'

/** A clock whose waits end at once and are written down. */
function setClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => 0,
    wait: async (ms) => {
      waits.push(ms)
    },
    after: () => () => {},
  }
}

function parts(clock: Clock): ChildParts & { readonly said: string[] } {
  const said: string[] = []
  return {
    clock,
    said,
    environment: process.env,
    say: (name, line) => said.push(`${name}: ${line}`),
    onPid: () => {},
  }
}

const script = (code: string) => () => [process.execPath, '-e', code]
const ready = `console.log('{"ready":true,"url":"here"}');`

test('a process that ends is started again with growing pauses, at most half a minute', async () => {
  const clock = setClock()
  const made = parts(clock)
  let starts = 0
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const command = () => {
    if (++starts === 8) resolve()
    return script(`${ready} process.exitCode = 3`)()
  }
  const child = startChild({ name: 'server', command }, made)
  assert.deepEqual(await child.ready, { ok: true, said: { ready: true, url: 'here' } })
  await enough
  await child.stop()
  assert.deepEqual(clock.waits.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  assert.equal(made.said[0], 'server: ended with 3; it starts again in 1 s')
})

test('a process that never gets ready is not started again, and its last words are kept', async () => {
  const clock = setClock()
  const child = startChild(
    { name: 'agent', command: script(`console.error('error: no disk'); process.exitCode = 4`) },
    parts(clock),
  )
  assert.deepEqual(await child.ready, { ok: false, lastWords: ['error: no disk'] })
  assert.deepEqual(clock.waits, [])
})

test('a program that does not exist says so', async () => {
  const child = startChild({ name: 'issuer', command: () => ['/nonexistent/node'] }, parts(setClock()))
  const { ok, ...rest } = await child.ready
  assert.equal(ok, false)
  assert.match(JSON.stringify(rest), /ENOENT/)
})

test('a line of a JSON log is read as its message and its error', () => {
  assert.equal(readableLine('{"level":40,"msg":"slow","err":{"message":"disk"}}'), 'slow: disk')
  assert.equal(readableLine('{"level":"error","message":"lost","error":"EIO"}'), 'lost: EIO')
  assert.equal(readableLine('courier: connected'), 'courier: connected')
  assert.equal(readableLine('{not json'), '{not json')
  assert.equal(readableLine('  '), null)
})
