import type { Outcome } from '@stint/elevation'
import type { IssuerCall, IssuerResults } from '@stint/wire/issuer'

type CallName = IssuerCall['call']
export type IssuerRequest<N extends CallName> = Omit<Extract<IssuerCall, { call: N }>, 'id'>

/**
 * The only holder of keys, as the server sees it. Refusals come as values; `issuer-unreachable` when nobody
 * answers. A fault of the issuer is thrown as `Fault`. Never awaited inside a transaction.
 */
export interface IssuerLink {
  call<N extends CallName>(
    request: { readonly call: N } & IssuerRequest<N>,
  ): Promise<Outcome<IssuerResults[N]>>
}
