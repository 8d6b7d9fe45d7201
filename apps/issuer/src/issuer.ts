import type { Outcome } from '@stint/elevation'
import { parse } from '@stint/wire'
import { IssuerCall, type IssuerResults } from '@stint/wire/issuer'
import { answerCode, answerToken } from './answers.ts'
import type { IssuerContext } from './context.ts'
import { confirmEnrolment, enrol } from './enrolment.ts'
import { confirmHeal, heal } from './healing.ts'
import { openIdentity, signingKey } from './identity.ts'
import type { KeyProvider } from './key-provider.ts'
import { signCheckpoint, signExport } from './notes.ts'
import { signPolicy } from './policies.ts'
import { defaultQuotas, type Quotas } from './quotas.ts'
import { verifyRecord } from './record.ts'
import { resolve } from './resolving.ts'
import { revokeDevice } from './revoking.ts'
import { rewrap } from './rewrapping.ts'
import { signingUses } from './schema.ts'
import type { IssuerStore } from './store.ts'
import { createToken, revokeToken, sweep } from './tokens.ts'

export interface IssuerParts {
  readonly store: IssuerStore
  readonly keyProvider: KeyProvider
  /** `now()`: milliseconds since 1970. */
  readonly clock: { now(): number }
  /** That many bytes, unpredictable. */
  readonly random: (length: number) => Uint8Array
  readonly quotas?: Quotas
}

export type IssuerResult<C extends IssuerCall> = IssuerResults[C['call']]

/** The only holder of code and signing keys: one call, that never returns a key. */
export interface Issuer {
  /**
   * Makes or opens its identity and checks that its keys open and its record joins; the first call does this too.
   * Throws `Fault`: `secret-unreadable`, `kek-missing`, `record-corrupted`.
   */
  start(): Promise<void>
  /**
   * Answers one call; calls are worked on one after the other, in the order they came. Expected refusals are values.
   * Throws `Fault`: `malformed` for a call that is none, and those of `start`.
   */
  call<C extends IssuerCall>(call: C): Promise<Outcome<IssuerResult<C>>>
}

type Handlers = {
  readonly [Name in IssuerCall['call']]: (
    context: IssuerContext,
    call: Extract<IssuerCall, { call: Name }>,
  ) => Promise<Outcome<IssuerResults[Name]>>
}

const handlers: Handlers = {
  trust,
  'token.create': createToken,
  'token.revoke': revokeToken,
  enrol,
  'enrol.confirm': confirmEnrolment,
  heal,
  'heal.confirm': confirmHeal,
  'device.revoke': revokeDevice,
  resolve,
  'answer.code': answerCode,
  'answer.token': answerToken,
  'sign.policy': signPolicy,
  'sign.checkpoint': signCheckpoint,
  'sign.export': signExport,
}

export function createIssuer(parts: IssuerParts): Issuer {
  let opened: IssuerContext | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time: a call that waits for its key provider must not be overtaken between its check and its record. */
  function inTurn<T>(work: (context: IssuerContext) => Promise<T>): Promise<T> {
    const result = last.then(async () => {
      opened ??= await open(parts)
      return work(opened)
    })
    last = result.catch(() => undefined)
    return result
  }

  return {
    start: () => inTurn(async () => undefined),
    async call<C extends IssuerCall>(call: C) {
      const checked = parse(IssuerCall, call)
      return inTurn((context) => handle(context, checked) as Promise<Outcome<IssuerResult<C>>>)
    },
  }
}

function handle<Name extends IssuerCall['call']>(
  context: IssuerContext,
  call: Extract<IssuerCall, { call: Name }>,
): Promise<Outcome<IssuerResults[Name]>> {
  return handlers[call.call as Name](context, call)
}

async function open({ store, keyProvider, clock, random, quotas }: IssuerParts): Promise<IssuerContext> {
  verifyRecord(store)
  const now = () => clock.now()
  const identity = await openIdentity(store, keyProvider, random, now())
  const context = { store, keys: keyProvider, identity, quotas: quotas ?? defaultQuotas, now, random }
  for (const use of signingUses) await signingKey(store, keyProvider, identity.tenant, use, now())
  await rewrap(context)
  sweep(context)
  return context
}

async function trust({ identity }: IssuerContext): Promise<Outcome<IssuerResults['trust']>> {
  const tenant = Buffer.from(identity.tenant).toString('hex')
  const trustHash = Buffer.from(identity.trustHash).toString('hex')
  return { ok: true, value: { tenant, trust: identity.trust, trustHash } }
}
