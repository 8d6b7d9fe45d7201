import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Who may use the page's server. It listens on the loopback interface, which every user of the computer and every
 * web page in the browser can reach, so it believes nobody by address:
 * - `Host` must be the literal address, or a name of somebody else's that points here could be used to read it;
 * - calls carry the page's own `Origin`, which a browser writes and a foreign page cannot change;
 * - calls carry a token that only the page has. It is no cookie: cookies of 127.0.0.1 go to every port of it.
 */
export interface PageGuard {
  /** Why a request is not served at all; null when it is. `call`: it is one of the page's calls. */
  refuse(headers: IncomingHttpHeaders, call: boolean): string | null
  /** Gives the token for the one-time key, once. */
  open(key: string): string | null
  holdsToken(headers: IncomingHttpHeaders): boolean
}

/** `host` is `127.0.0.1:PORT`; `key` and `token` are secrets of 256 bits. */
export function createPageGuard(host: string, key: string, token: string): PageGuard {
  const origin = `http://${host}`
  let unused = true
  return {
    refuse: (headers, call) => {
      if (headers.host !== host) return 'wrong-host'
      if (!call) return null
      if (headers.origin !== origin) return 'wrong-origin'
      const site = headers['sec-fetch-site']
      return site === undefined || site === 'same-origin' ? null : 'wrong-origin'
    },
    open: (given) => {
      if (!unused || !same(given, key)) return null
      unused = false
      return token
    },
    holdsToken: ({ authorization = '' }) => same(authorization, `Bearer ${token}`),
  }
}

/** Compares without telling by its time where two texts differ. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
