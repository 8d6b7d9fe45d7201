import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Fault, type Refusal, roleLabels } from '@stint/elevation'
import { pino } from 'pino'
import { systemClock, systemTimers } from './clock.ts'
import { type Config, readConfig } from './config.ts'
import { smtpSettings } from './config-mail.ts'
import { secretsKey } from './config-secrets.ts'
import { openDatabase } from './db/database.ts'
import { createReportFolder, createServer, createSmtpPost } from './index.ts'
import { createIssuerSocket } from './issuer/issuer-socket.ts'
import { linkPath } from './slices/people/people.ts'

const appFolder = fileURLToPath(new URL('..', import.meta.url))
const random = (bytes: number) => randomBytes(bytes)
const CALLS_PER_MINUTE = 1_200
const OPEN_CALLS_MS = 10_000

/** Everything that is made of real things: files, sockets, clock, randomness. */
async function assemble(config: Config) {
  const log = pino(
    { level: process.env.STINT_LOG ?? 'info', serializers: { err: plainError, req: () => undefined } },
    pino.destination(2),
  )
  const db = await openDatabase(config.database)
  const time = { clock: systemClock, timers: systemTimers }
  const issuer = createIssuerSocket(config.issuerSocket, time)
  const { publicUrl, consoleFolder, trustProxy, witnesses } = config
  const proxy = trustProxy === null ? {} : { trustProxy }
  const settings = { publicUrl, consoleFolder, callsPerMinute: CALLS_PER_MINUTE, ...proxy }
  const means = {
    email: config.mail === null ? null : createSmtpPost(smtpSettings(config.mail)),
    folder: config.reportsFolder === null ? null : createReportFolder(config.reportsFolder),
  }
  const sinkMeans = { folder: config.factsFolder, key: secretsKey(config.secretsKey, random) }
  const server = await createServer({
    db,
    issuer,
    ...time,
    random,
    log,
    config: settings,
    witnesses,
    means,
    sinkMeans,
  })
  const close = async () => {
    await server.close()
    issuer.close()
    await db.close()
  }
  return { server, log, close }
}

/** Not the details: those of a database quote the row, which may be about a person. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: 'not an error' }
  const { name, message, stack } = error
  return { name, message, stack, ...('code' in error ? { code: error.code } : {}) }
}

async function init(config: Config): Promise<void> {
  const { server, close } = await assemble(config)
  const made = await server.slices.people.initialise(config.owner)
  await close()
  if (!made.ok) return refuse(made.refused, config.json)
  const ownerLink = new URL(linkPath(made.value.linkSecret), config.publicUrl).href
  const token = made.value.tokenSecret
  if (config.json) return print(JSON.stringify({ ownerLink, token }))
  print(
    `${roleLabels.owner}: ${config.owner}\nChoose a password, once, at: ${ownerLink}\nAPI token, shown once: ${token}`,
  )
}

async function serve(config: Config): Promise<void> {
  const { server, log, close } = await assemble(config)
  const ownerLink = await server.ownerLink(config.owner)
  const bound = await server.app.listen({ host: config.host, port: config.port })
  server.start()
  if (!isLoopback(config.host) && config.publicUrl.startsWith('http:'))
    log.warn(
      'people and computers reach this server without TLS: put a proxy with https in front, and name it with --public-url',
    )
  const url = config.port === 0 ? bound : config.publicUrl
  if (config.json) print(JSON.stringify({ url, ownerLink, ready: true }))
  else print(`Stint server on ${url}${ownerLink === null ? '' : `\nFirst owner, once: ${ownerLink}`}`)
  const stop = (signal: string) => {
    log.info({ signal }, 'stopping')
    // A call that hangs must not keep the process for ever.
    setTimeout(() => process.exit(0), OPEN_CALLS_MS).unref()
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || host.startsWith('127.')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function refuse({ code, message, hint }: Refusal, json: boolean): void {
  process.stderr.write(`error: ${message}\nhint: ${hint}\n`)
  if (json) print(JSON.stringify({ refused: { code, message, hint } }))
  process.exitCode = 1
}

// What people ran as administrators stands in the database: nobody else on this machine reads it.
process.umask(0o077)
try {
  const config = readConfig(process.argv.slice(2), appFolder)
  await (config.verb === 'init' ? init(config) : serve(config))
} catch (error) {
  const fault = error instanceof Fault ? error : null
  process.stderr.write(
    `error: ${fault?.message ?? String(error)}\n${fault === null ? '' : `hint: ${fault.hint}\n`}`,
  )
  process.exitCode = fault?.code === 'usage' ? 2 : 4
}
