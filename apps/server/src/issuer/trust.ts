import { parseJson } from '@stint/wire'
import { TrustBundle } from '@stint/wire/issuer'

/** The bundle that the issuer gave as text. Throws `Fault('malformed')`. */
export function readTrust(text: string): TrustBundle {
  return parseJson(TrustBundle, text)
}
