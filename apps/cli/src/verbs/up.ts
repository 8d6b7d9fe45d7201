import { hostname } from 'node:os'
import { type Attempt, done, type Ending } from '../ending.ts'
import { buildFaces, buildPrograms } from '../up/build.ts'
import { type DataFolder, takeDataFolder } from '../up/data-folder.ts'
import { makeFirstToken } from '../up/first-token.ts'
import { freeAddress } from '../up/listen-address.ts'
import { programs } from '../up/programs.ts'
import { createStation, type Station } from '../up/station.ts'
import { startAgent, type ThisComputer, whyNoAgent } from '../up/this-computer.ts'
import { type DoorOption, run, type Surroundings, type Verb, withDoor } from '../verb.ts'

interface Options extends DoorOption {
  readonly data: string
  readonly listen: string
  /** Commander's name for --no-agent. */
  readonly agent: boolean
}

export const upVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('up')
      .summary('start everything on this computer')
      .description(
        'Starts the server with its console, the issuer and, as root on Linux, the agent of this computer. Ctrl-C stops them.',
      )
      .option('--data <dir>', 'folder that keeps everything', './data')
      .option('--listen <host:port>', 'address of the console', '127.0.0.1:8003')
      .option('--no-agent', 'without the agent of this computer'),
    'stint up --data ./data --listen 127.0.0.1:8003',
  ).action((options: Options) => run(around, options, () => up(options, around)))
}

/** What runs once everything is ready. */
interface Standing {
  readonly url: string
  readonly ownerLink: string | null
  readonly computer: ThisComputer
}

async function up(options: Options, around: Surroundings): Promise<Ending> {
  const folder = await takeDataFolder(options.data)
  if (!folder.ok) return folder
  const stopped = around.stopWhenAsked()
  const station = createStation(folder.value, around)
  try {
    const standing = await Promise.race([startAll(options, folder.value, station, around), stop(stopped)])
    if (standing === null) return done(undefined, 'Stopped.')
    if (!standing.ok) return standing
    const { url, ownerLink } = standing.value
    if (options.json) around.terminal.print(JSON.stringify({ url, ownerLink, ready: true }))
    else announce(standing.value, around)
    await stop(stopped)
    around.terminal.say('Stopping …')
    return done(undefined, 'Stopped. Everything is kept in the data folder.')
  } finally {
    await station.stop()
    await folder.value.release()
  }
}

function stop(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

async function startAll(
  options: Options,
  { path: data }: DataFolder,
  station: Station,
  around: Surroundings,
): Promise<Attempt<Standing>> {
  const { config, terminal } = around
  const address = await freeAddress(options.listen)
  if (!address.ok) return address
  const built = await buildFaces(config, terminal.say)
  if (!built.ok) return built
  const made = programs(config)
  const noAgent = whyNoAgent(config, options.agent)
  const ready = noAgent === null ? await buildPrograms(config, terminal.say) : built
  if (!ready.ok) return ready
  const issuer = await station.start(made.issuer(data))
  if (!issuer.ok) return issuer
  const first = noAgent === null ? await makeFirstToken(data, made.init(data)) : null
  if (first?.ok === false) return first
  const server = await station.start(made.server({ data, listen: options.listen }))
  if (!server.ok) return server
  const url = String(server.value.url)
  const ownerLink = typeof server.value.ownerLink === 'string' ? server.value.ownerLink : null
  if (noAgent !== null)
    return { ok: true, value: { url, ownerLink, computer: { kind: 'left-out', why: noAgent } } }
  const places = { data, run: options.run ?? config.runDir, url }
  const computer = await startAgent(places, station, made, around)
  return computer.ok ? { ok: true, value: { url, ownerLink, computer: computer.value } } : computer
}

function announce({ url, ownerLink, computer }: Standing, { terminal }: Surroundings): void {
  const { print, style } = terminal
  print(`\n${style('bold', 'Stint is running.')} Console: ${style('cyan', url)}`)
  if (ownerLink !== null) {
    print(
      `\nYou are its owner. Open this link once, to choose a password:\n\n    ${style(['bold', 'cyan'], ownerLink)}`,
    )
    print('\nNext:')
    for (const [at, step] of nextSteps(computer).entries()) print(`  ${at + 1}. ${step}`)
  } else print(computerText(computer))
  print('\nCtrl-C stops it. The same command starts it again, with everything kept.')
}

function nextSteps(computer: ThisComputer): readonly string[] {
  const enrolled = computer.kind === 'enrolled'
  return [
    'Open the link and choose a password.',
    enrolled
      ? `${computerText(computer)} In another terminal, as yourself: npx stint request --reason "Try Stint out"`
      : `${computerText(computer)} Connect computers in the console under Computers.`,
    enrolled
      ? 'Approve it in the console under Requests: your rights begin within a second. `npx stint status` shows them.'
      : 'Set whom users can reach, and whether codes work by telephone, in the console under Policy.',
  ]
}

function computerText(computer: ThisComputer): string {
  if (computer.kind === 'enrolled') return `This computer, ${hostname()}, is connected.`
  if (computer.kind === 'not-enrolled') return 'This computer could not be connected yet; it goes on trying.'
  return `This computer is not included. ${computer.why}`
}
