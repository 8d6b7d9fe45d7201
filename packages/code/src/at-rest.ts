import { enc } from './bytes.ts'
import { requireBytes } from './errors.ts'

/**
 * Associated data under which the issuer wraps its secrets at rest (protocol 4.5), one label for each kind, so that
 * a wrapped secret moved to another row or column does not open. Code root keys: `wrapAssociatedData`.
 */
export const AT_REST_LABELS = {
  token: 'stint/v1/wrap-token',
  signing: 'stint/v1/wrap-signing',
} as const

/** Secret of an enrolment token: `enc("stint/v1/wrap-token", tenant, tokenId)`. Throws `argument`. */
export function tokenAssociatedData(tenant: Uint8Array, tokenId: Uint8Array): Uint8Array {
  requireBytes('tenant', tenant, 16)
  requireBytes('tokenId', tokenId, 16)
  return enc(AT_REST_LABELS.token, tenant, tokenId)
}

/** Signing key: `enc("stint/v1/wrap-signing", tenant, kid)`. Throws `argument`. */
export function signingKeyAssociatedData(tenant: Uint8Array, kid: string): Uint8Array {
  requireBytes('tenant', tenant, 16)
  return enc(AT_REST_LABELS.signing, tenant, kid)
}
