import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { systemClock } from './clock.ts'
import { readConfig } from './config.ts'
import { type Ending, wrongUsage } from './ending.ts'
import { createTerminal, show } from './terminal.ts'
import type { Surroundings } from './verb.ts'
import { agentVerb } from './verbs/agent.ts'
import { appVerb } from './verbs/app.ts'
import { codeVerb } from './verbs/code.ts'
import { courierVerb } from './verbs/courier.ts'
import { doctorVerb } from './verbs/doctor.ts'
import { endVerb } from './verbs/end.ts'
import { historyVerb } from './verbs/history.ts'
import { requestVerb } from './verbs/request.ts'
import { serverVerb } from './verbs/server.ts'
import { statusVerb } from './verbs/status.ts'
import { upVerb } from './verbs/up.ts'
import { verifyVerb } from './verbs/verify.ts'
import { withdrawVerb } from './verbs/withdraw.ts'

const verbs = [
  requestVerb,
  codeVerb,
  statusVerb,
  withdrawVerb,
  endVerb,
  historyVerb,
  appVerb,
  upVerb,
  serverVerb,
  agentVerb,
  courierVerb,
  doctorVerb,
  verifyVerb,
]

const config = readConfig()
const terminal = createTerminal(config)
const around: Surroundings = {
  config,
  clock: systemClock,
  terminal,
  stopWhenAsked,
  finish: (ending, json) => {
    process.exitCode = show(ending, terminal, json)
  },
}

// A reader that went away, as in `stint history | head -1`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

function stopWhenAsked(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal))
  return stop.signal
}

function createProgram(): Command {
  const program = new Command('stint')
    .description('Administrator rights for a set time, for a reason, agreed by somebody entitled to agree.')
    .version(manifest.version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', '\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 not reachable, 4 fault.')
  for (const verb of verbs) verb(program, around)
  return program
}

/** What the command line parser complains about, as an ending; null for help and version, which are no complaint. */
function complaint(error: CommanderError): Ending | null {
  if (error.exitCode === 0) return null
  if (error.code === 'commander.help') return wrongUsage('Say what to do.', 'See `stint help`.')
  const message = error.message.replace(/^error: /, '').replace(/^./, (first) => first.toUpperCase())
  return wrongUsage(
    message.endsWith('.') || message.endsWith('?)') ? message : `${message}.`,
    `See \`${helpOf(process.argv.slice(2))}\`.`,
  )
}

/** The help of the verb that was meant, or of all. */
function helpOf(args: readonly string[]): string {
  const names = createProgram().commands.map((command) => command.name())
  const verb = args.find((arg) => !arg.startsWith('-'))
  return verb !== undefined && names.includes(verb) ? `stint ${verb} --help` : 'stint help'
}

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  const ending = complaint(error)
  if (ending !== null) around.finish(ending, process.argv.includes('--json'))
}
