/**
 * The conversation between the agent and the courier, over a unix socket that only the courier's account can open.
 * The courier calls; the agent answers and announces changes. The courier holds no key and no right: whatever it
 * delivers is verified by the agent as if it came from a stranger.
 */
import {
  DeviceMessage,
  DeviceStatus,
  type EnrolConfirm,
  type EnrolHello,
  EnrolWelcome,
  HealAnswer,
  type HealConfirm,
  type HealHello,
  type JournalUpload,
  Receipt,
} from './device.ts'
import { type JournalEntry, RequestFact } from './journal.ts'
import { Hex, Id, OneOf, type Static, Strict, Text, Type } from './parse.ts'

const id = { id: Type.Integer({ minimum: 1, maximum: 2 ** 31 }) }

export const CourierCall = Type.Union([
  /** What is there to do. → CourierState */
  Strict({ ...id, call: Type.Literal('state') }),
  /**
   * → { hello: EnrolHello, confirm: EnrolConfirm | null } while enrolling. `confirm` is not null when a welcome was
   * verified before: then only it is sent again, and `enrolled` follows.
   */
  Strict({ ...id, call: Type.Literal('enrol-hello') }),
  /** → { confirm: EnrolConfirm }, or refused when the welcome proves nothing. */
  Strict({ ...id, call: Type.Literal('enrol-welcome'), welcome: EnrolWelcome }),
  /** The server accepted the confirmation. → {} */
  Strict({ ...id, call: Type.Literal('enrolled') }),
  /** The server refused the enrolment; the person is told. → {} */
  Strict({ ...id, call: Type.Literal('enrol-refused'), code: Text(64), message: Text(500) }),
  /** → { sig } over the device-session bytes. */
  Strict({ ...id, call: Type.Literal('prove'), nonce: Hex(32), courierKey: Hex(32) }),
  /** Journal from `from` on, at most `limit` entries. → what POST /journal takes */
  Strict({
    ...id,
    call: Type.Literal('journal'),
    from: Type.Integer({ minimum: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 500 }),
  }),
  Strict({ ...id, call: Type.Literal('receipt'), receipt: Receipt }),
  /** The server has this request. → {} */
  Strict({ ...id, call: Type.Literal('request-sent'), requestId: Id }),
  /** Something for the agent to verify and act on. → { done: boolean } */
  Strict({ ...id, call: Type.Literal('deliver'), message: DeviceMessage }),
  /**
   * → { hello: HealHello | null, confirm: HealConfirm | null }. `confirm` is not null when the new keys are in force
   * here and the server has not said that it knows: then it is sent again, and `healed` follows.
   */
  Strict({ ...id, call: Type.Literal('heal-hello') }),
  /** → { confirm: HealConfirm } */
  Strict({ ...id, call: Type.Literal('heal-answer'), answer: HealAnswer }),
  Strict({ ...id, call: Type.Literal('healed'), epoch: Type.Integer() }),
  /** Whether the server can be reached, for the person's screen. → {} */
  Strict({ ...id, call: Type.Literal('contact'), online: Type.Boolean() }),
])
export type CourierCall = Static<typeof CourierCall>

export const CourierState = Strict({
  state: OneOf(['unenrolled', 'enrolling', 'enrolled', 'revoked'] as const),
  serverUrl: Type.Union([Text(2000), Type.Null()]),
  tenant: Type.Union([Hex(16), Type.Null()]),
  deviceId: Type.Union([Hex(16), Type.Null()]),
  /** Open requests that the server does not have yet. */
  unsent: Type.Array(RequestFact),
  /** The journal has entries with seq < size; those < received have a receipt. */
  journal: Strict({ size: Type.Integer(), received: Type.Integer() }),
  healWanted: Type.Boolean(),
  status: Type.Union([DeviceStatus, Type.Null()]),
})
export type CourierState = Static<typeof CourierState>

/** Sent by the agent unasked when anything of the state changed. */
export const CourierEvent = Strict({ event: Type.Literal('state'), state: CourierState })
export type CourierEvent = Static<typeof CourierEvent>

export interface CourierResults {
  state: CourierState
  'enrol-hello': { readonly hello: EnrolHello; readonly confirm: EnrolConfirm | null }
  'enrol-welcome': { readonly confirm: EnrolConfirm }
  enrolled: Record<string, never>
  'enrol-refused': Record<string, never>
  prove: { readonly sig: string }
  journal: Required<Omit<JournalUpload, 'entries'>> & { readonly entries: readonly JournalEntry[] }
  receipt: Record<string, never>
  'request-sent': Record<string, never>
  /** Whether it had its effect. */
  deliver: { readonly done: boolean }
  'heal-hello': { readonly hello: HealHello | null; readonly confirm: HealConfirm | null }
  'heal-answer': { readonly confirm: HealConfirm }
  healed: Record<string, never>
  contact: Record<string, never>
}

export type { EnrolConfirm, EnrolHello, HealConfirm, HealHello, JournalEntry }
