import { createSecureContext } from 'node:tls'
import { hostOf, isNowhere, isThisMachine } from './addresses.ts'

export interface SyslogTarget {
  readonly kind: 'syslog'
  readonly host: string
  readonly port: number
  /** Certificates as PEM text; `ca` null for the authorities that Node knows. */
  readonly tls: { readonly ca: string | null; readonly clientCertificate: string | null } | null
}
export interface HttpTarget {
  readonly kind: 'webhook' | 'otlp'
  readonly url: string
  readonly ca: string | null
}
export interface FileTarget {
  readonly kind: 'file'
  readonly name: string
}
export type Target = SyslogTarget | HttpTarget | FileTarget

/** What is stored only in an envelope, and never read back by anybody. */
export interface Secrets {
  /** base64 of the webhook's key. */
  readonly webhook?: string
  /** PEM. */
  readonly clientKey?: string
  /** Value of the header. */
  readonly authorization?: string
}

/** What is wrong with a target and its secrets as a sentence, or null. */
export function targetMistake(target: Target, secrets: Secrets): string | null {
  if (secrets.clientKey !== undefined && (target.kind !== 'syslog' || !target.tls?.clientCertificate))
    return 'A client key belongs to a client certificate of a syslog receiver.'
  if (secrets.authorization !== undefined && target.kind !== 'otlp' && target.kind !== 'webhook')
    return 'Only a receiver over HTTP takes an authorization.'
  if (target.kind === 'file') return null
  return target.kind === 'syslog' ? syslogMistake(target, secrets) : urlMistake(target)
}

function syslogMistake({ host, tls }: SyslogTarget, { clientKey }: Secrets): string | null {
  if (isNowhere(host)) return 'Facts are never sent to that address.'
  if (tls === null) return null
  const { ca, clientCertificate } = tls
  if (clientCertificate !== null && clientKey === undefined)
    return 'A client certificate needs its key, and again when the address or the certificate changes.'
  return tlsMistake(ca, clientCertificate, clientKey)
}

function urlMistake({ url, ca }: HttpTarget): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !['https:', 'http:'].includes(parsed.protocol)) return 'Give an address with https.'
  if (parsed.username !== '' || parsed.password !== '' || parsed.hash !== '')
    return 'An address has no user, no password and no fragment.'
  const host = hostOf(parsed)
  if (parsed.protocol === 'http:' && !isThisMachine(host))
    return 'Without https only a receiver on the machine of the server, such as http://127.0.0.1:4318, is taken.'
  if (isNowhere(host)) return 'Facts are never sent to that address.'
  return tlsMistake(ca, null, undefined)
}

function tlsMistake(ca: string | null, cert: string | null, key: string | undefined): string | null {
  try {
    if (ca !== null && !ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('not PEM')
    createSecureContext({
      ...(ca === null ? {} : { ca }),
      ...(cert === null || key === undefined ? {} : { cert, key }),
    })
    return null
  } catch {
    return 'The certificates cannot be read, or the key is not that of the client certificate. Give them as PEM.'
  }
}

/** A place as everybody who reads the ledger may see it: some put a secret into the query of an address. */
export function shownPlace(target: Target): string {
  return placeOf(target).replace(/\?.*$/s, '')
}

/** Where a target is, without what does not change where facts go. A secret is for this and nothing else. */
export function placeOf(target: Target): string {
  if (target.kind === 'file') return target.name
  if (target.kind === 'syslog') return `${target.host}:${target.port}${target.tls === null ? '' : ' tls'}`
  return target.url
}
