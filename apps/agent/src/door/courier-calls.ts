import { done, Fault, type Outcome, refused } from '@stint/elevation'
import type { Receipt } from '@stint/wire/device'
import type { RequestFact } from '@stint/wire/journal'
import type { CourierCall, CourierState } from '@stint/wire/local-courier'
import type { Ground } from '../config/ground.ts'
import type { RequestRecord } from '../config/state.ts'
import { hasJournal, isEnrolled } from '../config/state.ts'
import type { Device } from '../enrol/device.ts'
import type { Enrolment } from '../enrol/enrolment.ts'
import type { Heal } from '../enrol/heal.ts'
import type { Fact } from '../journal/fact.ts'
import { type DeliveryGround, deliver } from './deliveries.ts'
import type { SentSignal } from './sent-signal.ts'

export interface CourierCallGround extends DeliveryGround, Pick<Ground, 'clock' | 'policy'> {
  readonly device: Device
  readonly enrolment: Enrolment
  readonly heal: Heal
  readonly sent: SentSignal
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
      return done({ entries: await keeper.journal.read(call.from, call.limit) })
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

/**
 * The server has our entries below `upTo`, and both sides mean the same ones. A lower number than before is taken as
 * well: the server was set back, and gets them again. Refuses with `journal-gap` when the leaf is not ours.
 */
async function takeReceipt(receipt: Receipt, { keeper }: CourierCallGround): Promise<Outcome<object>> {
  const { journal } = keeper
  const leaf = receipt.upTo === 0 ? null : await journal.leafAt(receipt.upTo - 1)
  if (leaf === undefined || leaf !== receipt.leaf) return refused('journal-gap')
  const before = keeper.state.received
  const fresh = receipt.upTo > before ? await journal.read(before, receipt.upTo - before) : []
  // A receipt for nothing but receipts is not noted: it would need a receipt of its own, for ever.
  const worth = fresh.some(({ header }) => (JSON.parse(header) as { type: string }).type !== 'receipt')
  const note: Fact = { type: 'receipt', body: { upTo: receipt.upTo, at: receipt.at } }
  if (receipt.upTo !== before) await keeper.write({ received: receipt.upTo }, worth ? [note] : [])
  return done({})
}
