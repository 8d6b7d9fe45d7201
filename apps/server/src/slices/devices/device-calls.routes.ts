import type { Outcome } from '@stint/elevation'
import { Type } from '@stint/wire'
import {
  Challenge,
  ChallengeAnswer,
  DeviceStatus,
  EnrolConfirm,
  EnrolHello,
  EnrolWelcome,
  HealAnswer,
  HealConfirm,
  HealHello,
  SessionGrant,
  SessionProof,
} from '@stint/wire/device'
import { isoTime, type Timers } from '../../clock.ts'
import { deviceOf } from '../../http/access.ts'
import { openEventStream } from '../../http/event-stream.ts'
import { granted } from '../../http/problem.ts'
import { type App, answers } from '../../http/server.ts'
import type { Devices } from './devices.ts'
import type { Report } from './standing.ts'

const done = answers({ 204: Type.Null() })
/** What a stranger may call; `enrol` costs the issuer some work. */
const anybody = { access: 'public' } as const
const stranger = { access: 'public', rateLimit: { max: 120, timeWindow: 60_000 } } as const
const proven = { config: { access: 'device' } } as const

/** What a computer's courier calls, below `/device`. */
export function deviceCallRoutes(
  app: App,
  devices: Devices,
  report: (deviceId: string, said: Report) => Promise<Outcome<null>>,
  timers: Timers,
): void {
  arrivalRoutes(app, devices)
  app.post(
    '/status',
    { ...proven, schema: { body: DeviceStatus, response: done } },
    async (request, reply) => {
      granted(await report(deviceOf(request), request.body))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/heal',
    { ...proven, schema: { body: HealHello, response: answers({ 200: HealAnswer }) } },
    async (request) => granted(await devices.heal(deviceOf(request), request.body)),
  )
  app.post(
    '/heal/confirm',
    { ...proven, schema: { body: HealConfirm, response: done } },
    async (request, reply) => {
      const { epoch, confirmD } = request.body
      granted(await devices.confirmHeal(deviceOf(request), epoch, confirmD))
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/events',
    { ...proven, exposeHeadRoute: false, schema: { hide: true } },
    async (request, reply) => {
      const deviceId = deviceOf(request)
      const stillEnrolled = async () => (await devices.device(deviceId))?.state === 'enrolled'
      const stream = openEventStream(request, reply, timers, stillEnrolled)
      const after = /^\d{1,15}$/.test(stream.lastEventId ?? '') ? Number(stream.lastEventId) : 0
      const send = ({ id, data }: { id: number; data: unknown }) =>
        stream.send({ id: `${id}`, event: 'message', data })
      stream.onClose(devices.attach(deviceId, { send, close: stream.close }, after))
    },
  )
}

function arrivalRoutes(app: App, devices: Devices): void {
  app.post(
    '/enrol',
    { config: stranger, schema: { body: EnrolHello, response: answers({ 200: EnrolWelcome }) } },
    async (request) => granted(await devices.enrol(request.body)),
  )
  app.post(
    '/enrol/confirm',
    { config: stranger, schema: { body: EnrolConfirm, response: done } },
    async (request, reply) => {
      const { deviceId, confirmD } = request.body
      granted(await devices.confirmEnrolment(deviceId, confirmD))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/challenge',
    { config: anybody, schema: { body: Challenge, response: answers({ 200: ChallengeAnswer }) } },
    async (request) => ({ nonce: devices.challenge(request.body.deviceId) }),
  )
  app.post(
    '/session',
    { config: anybody, schema: { body: SessionProof, response: answers({ 200: SessionGrant }) } },
    async (request) => {
      const { nowMs, expiresAtMs, ...keys } = granted(await devices.openSession(request.body))
      return { ...keys, now: isoTime(nowMs), expiresAt: isoTime(expiresAtMs) }
    },
  )
}
