import type { Command } from 'commander'
import { type Attempt, done, type Ending } from '../ending.ts'
import { passOn } from '../pass-on.ts'
import { buildFaces } from '../up/build.ts'
import { takeDataFolder } from '../up/data-folder.ts'
import { freeAddress } from '../up/listen-address.ts'
import { programs, type ServerOptions } from '../up/programs.ts'
import { createStation, type Station } from '../up/station.ts'
import { type JsonOption, run, type Surroundings, type Verb, withJson } from '../verb.ts'

type Options = JsonOption & ServerOptions
interface InitOptions extends JsonOption {
  readonly data: string
  readonly owner: string
  readonly database?: string
  readonly publicUrl?: string
}

export const serverVerb: Verb = (program, around) => {
  const server = program
    .command('server')
    .summary('run the server and the issuer')
    .description('Runs the server with its console, and the issuer. See also `stint server init --help`.')
  addRun(server, around)
  addRun(server.command('run', { isDefault: true }).summary('run them; the same without `run`'), around)
  addInit(server, around)
}

function addRun(command: Command, around: Surroundings): void {
  withJson(
    command
      .option('--data <dir>', 'folder that keeps everything', './data')
      .option('--listen <host:port>', 'address to listen on', '127.0.0.1:8003')
      .option('--database <url>', 'postgres://… instead of the embedded one')
      .option('--public-url <url>', 'where people and computers reach it')
      .option('--smtp <url>', 'mail server for scheduled reports, smtps://user@host')
      .option('--smtp-from <email>', 'address that reports come from')
      .option('--smtp-password-file <file>', 'file that holds the password of the mail server')
      .option('--reports-folder <dir>', 'folder that scheduled reports may be written below')
      .option('--facts-folder <dir>', 'folder that files of facts may be written to')
      .option('--secrets-key <file>', 'key that seals secrets in the database; made when it is not there'),
    'stint server --data /var/lib/stint-server --listen 127.0.0.1:8003',
  ).action((_: Options, called: Command) => {
    const options: Options = called.optsWithGlobals()
    return run(around, options, () => serve(options, around))
  })
}

function addInit(server: Command, around: Surroundings): void {
  withJson(
    server
      .command('init')
      .summary('make the data folder, the owner and his API token')
      .option('--data <dir>', 'folder that keeps everything', './data')
      .option('--database <url>', 'postgres://… instead of the embedded one')
      .option('--public-url <url>', 'where people and computers reach it')
      .requiredOption('--owner <email>', 'address of the first owner'),
    'stint server init --data /var/lib/stint-server --owner ada@example.org --json',
  ).action((_: InitOptions, called: Command) => {
    const { data, owner, database, publicUrl, json }: InitOptions = called.optsWithGlobals()
    return passOn(around, json === true, [
      ...programs(around.config).main('server'),
      ...['init', '--data', data, '--owner', owner],
      ...(database === undefined ? [] : ['--database', database]),
      ...(publicUrl === undefined ? [] : ['--public-url', publicUrl]),
      ...(json ? ['--json'] : []),
    ])
  })
}

async function serve(options: Options, around: Surroundings): Promise<Ending> {
  const folder = await takeDataFolder(options.data)
  if (!folder.ok) return folder
  const stopped = around.stopWhenAsked()
  const station = createStation(folder.value, around)
  const asked = new Promise<null>((resolve) => {
    stopped.addEventListener('abort', () => resolve(null), { once: true })
  })
  try {
    const started = await Promise.race([
      start({ ...options, data: folder.value.path }, station, around),
      asked,
    ])
    if (started?.ok === false) return started
    if (started !== null) announce(started.value, options, around)
    await asked
    return done(undefined, 'Stopped.')
  } finally {
    await station.stop()
    await folder.value.release()
  }
}

async function start(
  options: Options,
  station: Station,
  { config, terminal }: Surroundings,
): Promise<Attempt<Readonly<Record<string, unknown>>>> {
  const address = await freeAddress(options.listen)
  if (!address.ok) return address
  const built = await buildFaces(config, terminal.say)
  if (!built.ok) return built
  const issuer = await station.start(programs(config).issuer(options.data))
  return issuer.ok ? station.start(programs(config).server(options)) : issuer
}

function announce(
  { url, ownerLink = null }: Readonly<Record<string, unknown>>,
  { json }: Options,
  { terminal }: Surroundings,
): void {
  if (json) terminal.print(JSON.stringify({ url, ownerLink, ready: true }))
  else terminal.print(`The server is running: ${url}`)
  if (!json && ownerLink !== null) terminal.print(`First owner, once: ${ownerLink}`)
}
