import { done, Fault, type Outcome, refused } from '@stint/elevation'
import type { RequestFact } from '@stint/wire/journal'
import type { CourierCall, CourierResults, CourierState } from '@stint/wire/local-courier'
import type { Ground } from '../config/ground.ts'
import type { RequestRecord } from '../config/state.ts'
import { hasJournal, isEnrolled } from '../config/state.ts'
import type { Device } from '../enrol/device.ts'
import type { Enrolment } from '../enrol/enrolment.ts'
import type { Heal } from '../enrol/heal.ts'
import { type DeliveryGround, deliver } from './deliveries.ts'
import { type ReceiptGround, takeReceipt } from './receipts.ts'
import type { SentSignal } from './sent-signal.ts'

export interface CourierCallGround extends DeliveryGround, ReceiptGround, Pick<Ground, 'clock' | 'policy'> {
  readonly device: Device
  readonly enrolment: Enrolment
  readonly heal: Heal
  readonly sent: SentSignal
  readonly sealing: { now(): Promise<boolean> }
  readonly changed: () => void
  readonly prove: (nonce: string, courierKey: string) => string
  readonly healWanted: () => boolean
  readonly requestFact: (record: RequestRecord) => RequestFact
}

/** Does one call of the courier. It holds no right: what it brings is verified, what it asks for is no secret. */
export async function courierCall(call: CourierCall, ground: CourierCallGround): Promise<Outcome<unknown>> {
  const { keeper, clock, enrolment, heal, device } = ground
  switch (call.call) {
    case 'state':
      return done(courierState(ground))
    case 'enrol-hello':
      return done(enrolment.offer(knownFacts(device)))
    case 'enrol-welcome':
      return confirmation(await enrolment.welcome(call.welcome))
    case 'enrolled':
      await enrolment.finish(clock.now().wallMs)
      await device.noteBoot()
      return done({})
    case 'enrol-refused':
      await enrolment.refuse(call.code, call.message)
      ground.log.error('the server refused the enrolment', new Error(`${call.code}: ${call.message}`))
      return done({})
    case 'prove':
      return isEnrolled(keeper.state.identity)
        ? done({ sig: ground.prove(call.nonce, call.courierKey) })
        : refused('not-enrolled')
    case 'journal':
      return done(await journalPage(call, ground))
    case 'receipt':
      return takeReceipt(call.receipt, ground)
    case 'request-sent':
      await markSent(call.requestId, ground)
      return done({})
    case 'deliver':
      return done({ done: await deliver(call.message, ground) })
    case 'heal-hello':
      return done(await heal.offer())
    case 'heal-answer':
      return confirmation(await heal.answer(call.answer))
    case 'healed':
      await heal.confirmed(call.epoch)
      return done({})
    case 'contact':
      if (device.contacted(call.online)) ground.changed()
      return done({})
  }
}

function confirmation<T>(made: Outcome<T>): Outcome<{ readonly confirm: T }> {
  return made.ok ? done({ confirm: made.value }) : made
}

/** What there is to do for the courier. */
export function courierState(ground: CourierCallGround): CourierState {
  const { keeper, device, policy } = ground
  const { identity, requests, journalSize, received } = keeper.state
  const known = hasJournal(identity) ? identity : null
  const token = identity.state === 'enrolling' ? identity.token : null
  const facts = device.facts
  const refusedBefore = identity.state === 'enrolling' && identity.refused !== null
  const size = known ? keeper.journal.size : journalSize
  return {
    state: refusedBefore ? 'unenrolled' : identity.state,
    serverUrl: known?.serverUrl ?? token?.url ?? null,
    tenant: known?.tenant ?? token?.tenant ?? null,
    deviceId: known?.deviceId ?? null,
    unsent: requests.filter(({ state, sent }) => state === 'pending' && !sent).map(ground.requestFact),
    journal: { size, received },
    healWanted: ground.healWanted(),
    status: known && facts ? { facts, policySerial: policy.current?.serial ?? 0, epoch: known.epoch } : null,
  }
}

function knownFacts(device: Device) {
  if (device.facts) return device.facts
  throw new Fault('not-ready', 'The agent is still starting', 'Ask again in a moment.')
}

function markSent(requestId: string, { keeper, sent }: CourierCallGround): Promise<void> {
  return keeper.locked(async (write) => {
    const { requests } = keeper.state
    if (requests.some((request) => request.requestId === requestId && !request.sent))
      await write({
        requests: requests.map((request) =>
          request.requestId === requestId ? { ...request, sent: true } : request,
        ),
      })
    sent.heard(requestId)
  })
}

/** In bytes of JSON lines, unless a single entry is larger. */
const pageBytes = 1024 * 1024

/** A page of the journal as the server takes it, sealed before: what leaves is signed, if the disk lets us. */
async function journalPage(
  { from, limit }: Extract<CourierCall, { call: 'journal' }>,
  { keeper, sealing }: CourierCallGround,
): Promise<CourierResults['journal']> {
  const { journal } = keeper
  await sealing.now()
  return keeper.locked(async () => {
    const { sealed, state } = keeper
    const entries = await journal.read(from, Math.min(limit, Math.max(0, sealed.sendable - from)), pageBytes)
    const checkpoints = sealed.checkpoints.among(from, from + entries.length).map(({ note }) => note)
    return { entries, checkpoints, length: journal.size, receipt: state.receipt?.hash ?? null }
  })
}
