import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readVkey } from '@stint/chain'
import { Fault } from '@stint/elevation'
import type { MailOptions } from './config-mail.ts'
import type { Witness } from './slices/ledger/witnesses.ts'

/** How this server was started. All paths are absolute. */
export interface Config {
  /** `serve`, or `init`: make the data folder, an owner and his token, and end. */
  readonly verb: 'serve' | 'init'
  readonly host: string
  readonly port: number
  /** `postgres://…`, or the file of the embedded database. */
  readonly database: string
  readonly issuerSocket: string
  /** Where people and computers reach the server; no path. */
  readonly publicUrl: string
  /** Address of the first owner, until he joined. */
  readonly owner: string
  readonly consoleFolder: string
  /** Address or network of the proxy in front of the server; null when there is none. */
  readonly trustProxy: string | null
  /** How mail is sent; null: not at all. */
  readonly mail: MailOptions | null
  /** Reports are written below this folder; null: nowhere. */
  readonly reportsFolder: string | null
  /** Where files of facts may be written; null where that is not offered. */
  readonly factsFolder: string | null
  /** File of the key that seals secrets in the database; made when it is not there. */
  readonly secretsKey: string
  /** Who cosigns the ledger; empty when nobody is asked. */
  readonly witnesses: readonly Witness[]
  /** One line of JSON on stdout when ready, for programs. */
  readonly json: boolean
}

export const usage = `Usage: stint server [init] [--data DIR] [--listen HOST:PORT] [--database FILE|postgres://…]
                    [--issuer SOCKET] [--public-url URL] [--owner EMAIL] [--console DIR]
                    [--trust-proxy ADDRESS] [--witness 'VKEY URL']… [--json]
                    [--smtp URL --smtp-from EMAIL [--smtp-password-file FILE]] [--reports-folder DIR]
                    [--facts-folder DIR] [--secrets-key FILE]
`

const options = {
  data: { type: 'string', default: './data' },
  listen: { type: 'string', default: '127.0.0.1:8003' },
  database: { type: 'string' },
  issuer: { type: 'string' },
  'public-url': { type: 'string' },
  owner: { type: 'string', default: 'owner@localhost' },
  console: { type: 'string' },
  'trust-proxy': { type: 'string' },
  smtp: { type: 'string' },
  'smtp-from': { type: 'string' },
  'smtp-password-file': { type: 'string' },
  'reports-folder': { type: 'string' },
  'facts-folder': { type: 'string' },
  'secrets-key': { type: 'string' },
  witness: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const

/** Reads the command line. Throws `Fault('usage')` with the sentence to show. */
export function readConfig(args: readonly string[], appFolder: string): Config {
  const { values, positionals } = parsed(args)
  const [verb = 'serve', ...rest] = positionals
  if ((verb !== 'serve' && verb !== 'init') || rest.length > 0)
    throw wrong(`'${positionals.join(' ')}' is not known`)
  const data = resolve(values.data)
  const { host, port } = listenAt(values.listen)
  const shown = host.includes(':') ? `[${host}]` : host
  return {
    verb,
    host,
    port,
    database: databaseAt(values.database, data),
    issuerSocket: resolve(values.issuer ?? resolve(data, 'issuer/issuer.sock')),
    publicUrl: publicUrl(values['public-url'] ?? `http://${shown}:${port}`),
    owner: emailAddress(values.owner),
    consoleFolder: resolve(values.console ?? resolve(appFolder, '../console/dist')),
    trustProxy: values['trust-proxy'] ?? null,
    mail: mailOptions(values),
    reportsFolder: values['reports-folder'] === undefined ? null : resolve(values['reports-folder']),
    factsFolder: values['facts-folder'] === undefined ? null : resolve(values['facts-folder']),
    secretsKey: resolve(values['secrets-key'] ?? resolve(data, 'server/secrets.key')),
    witnesses: (values.witness ?? []).map(witness),
    json: values.json,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
}

function mailOptions(values: ReturnType<typeof parsed>['values']): MailOptions | null {
  const { smtp, 'smtp-from': from = '', 'smtp-password-file': file } = values
  return smtp === undefined ? null : { smtp, from, passwordFile: file === undefined ? null : resolve(file) }
}

function databaseAt(wish: string | undefined, data: string): string {
  if (wish === undefined) return resolve(data, 'server/stint.db')
  return /^postgres(?:ql)?:\/\//.test(wish) ? wish : resolve(wish)
}

function listenAt(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw wrong(`--listen takes HOST:PORT, such as 127.0.0.1:8003`)
  return { host, port: Number(port) }
}

function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.pathname !== '/' ||
    url.search !== ''
  )
    throw wrong('--public-url takes an address such as https://stint.example.org')
  return url.origin
}

function emailAddress(text: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw wrong('--owner takes an e-mail address')
  return text
}

/** `NAME+ID+KEY URL`: a key of kind cosignature, and where `add-checkpoint` is below. */
function witness(text: string): Witness {
  const [vkey = '', url = '', ...more] = text.split(' ')
  const isUrl = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  try {
    const key = readVkey(vkey)
    if (key.kind === 'cosignature' && isUrl && more.length === 0) return { key, url }
  } catch {
    // Falls through to the one sentence for everything that is no witness.
  }
  throw wrong(`--witness takes 'VKEY URL': the witness’s verifier key, a space, and his address`)
}

function wrong(message: string): Fault {
  return new Fault('usage', message, usage)
}
