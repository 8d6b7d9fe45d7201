import type { Sink, SinkBody, SinkChange } from '@stint/wire/sinks'
import { type Call, found, type Route, refuse } from './call.ts'
import { ago, makeId } from './world.ts'

export const webhookSecret = 'whsec_fake_K7mQ2vX9rT4yB8nL'

export const sinkRoutes: readonly Route[] = [
  ['GET', /^\/sinks$/, ({ world }) => ({ items: world.sinks, folder: true })],
  ['POST', /^\/sinks$/, make],
  ['PUT', /^\/sinks\/([^/]+)$/, change],
  ['POST', /^\/sinks\/([^/]+)\/(pause|resume)$/, pause],
  ['POST', /^\/sinks\/([^/]+)\/test$/, test],
  ['POST', /^\/sinks\/([^/]+)\/secret$/, (call) => ({ sink: one(call), secret: webhookSecret })],
  [
    'DELETE',
    /^\/sinks\/([^/]+)$/,
    (call) => {
      const { id } = one(call)
      call.world.sinks = call.world.sinks.filter((sink) => sink.id !== id)
    },
  ],
]

const one = ({ world, params }: Call): Sink => found(world.sinks.find(({ id }) => id === params[0]))

function make({ world, body }: Call) {
  const { from: _from, clientKey, authorization, ...wish } = body as unknown as SinkBody
  if (world.sinks.some(({ name }) => name === wish.name)) {
    refuse(409, 'conflict', 'Somebody changed this at the same time.', 'There is one of that name.')
  }
  const { kind } = wish.target
  const sink = sinkOf(world.now(), {
    ...wish,
    id: makeId(world),
    kind,
    hasSecret: kind === 'webhook' || clientKey !== undefined || authorization !== undefined,
    lastSentAt: null,
  })
  world.sinks.push(sink)
  return { sink, secret: kind === 'webhook' ? webhookSecret : null }
}

function change(call: Call) {
  const { name, target, types } = call.body as unknown as SinkChange
  return Object.assign(one(call), { name, target, types })
}

function pause(call: Call) {
  return Object.assign(one(call), { state: call.params[1] === 'pause' ? 'paused' : 'ok' })
}

function test(call: Call) {
  const { lastError } = one(call)
  return { delivered: lastError === null, error: lastError }
}

function sinkOf(now: number, more: Partial<Sink>): Sink {
  return {
    id: '',
    kind: 'syslog',
    name: '',
    target: {
      kind: 'syslog',
      host: 'siem.example.org',
      port: 6514,
      tls: { ca: null, clientCertificate: null },
    },
    types: null,
    hasSecret: false,
    createdBy: 'Ingrid Berg',
    createdAt: ago(now, 60 * 24 * 9),
    state: 'ok',
    position: 1043,
    behind: 0,
    lastSentAt: ago(now, 3),
    lastError: null,
    failedTries: 0,
    nextTryAt: null,
    ...more,
  }
}

export function makeSinks(now: number): Sink[] {
  return [
    sinkOf(now, { id: '0192f000-0000-7000-8000-00000000bb01', name: 'SIEM' }),
    sinkOf(now, {
      id: '0192f000-0000-7000-8000-00000000bb02',
      kind: 'webhook',
      name: 'Ticket system',
      target: { kind: 'webhook', url: 'https://tickets.example.org/hooks/stint', ca: null },
      types: ['session.started', 'session.ended', 'request.decided'],
      hasSecret: true,
      state: 'failing',
      behind: 214,
      lastSentAt: ago(now, 60 * 7),
      lastError: 'tickets.example.org answered 503.',
      failedTries: 12,
      nextTryAt: ago(now, -6),
    }),
    sinkOf(now, {
      id: '0192f000-0000-7000-8000-00000000bb03',
      kind: 'file',
      name: 'Archive',
      target: { kind: 'file', name: 'ledger.jsonl' },
      state: 'paused',
      behind: 40,
      lastSentAt: ago(now, 60 * 24 * 2),
    }),
  ]
}
