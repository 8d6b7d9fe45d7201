import type { Command } from 'commander'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { type Door, openDoor } from './door.ts'
import { type Attempt, type Ending, faultOf } from './ending.ts'
import type { Terminal } from './terminal.ts'

/** What every verb is given. */
export interface Surroundings {
  readonly config: Config
  readonly clock: Clock
  readonly terminal: Terminal
  /**
   * From this call on Ctrl-C and requests to stop no longer end the process at once; they abort the signal. A verb
   * that calls it must come to its end soon after.
   */
  stopWhenAsked(): AbortSignal
  /** Shows how the verb ended and sets the exit code. */
  finish(ending: Ending, json: boolean): void
}

/** A verb: its words, options and example on the program, and what it does. One file each. */
export type Verb = (program: Command, around: Surroundings) => void

export interface JsonOption {
  readonly json?: boolean
}
export interface DoorOption extends JsonOption {
  readonly run?: string
}

/** `--json`, and an example under the help. */
export function withJson(command: Command, example: string): Command {
  return command
    .option('--json', 'print one JSON object on stdout and nothing else')
    .addHelpText('after', `\nExample:\n  $ ${example.split('\n').join('\n  $ ')}`)
}

/** As `withJson`, for verbs that speak with this computer's agent. */
export function withDoor(command: Command, example: string): Command {
  return withJson(command.option('--run <dir>', "folder of the agent's sockets (STINT_RUN)"), example)
}

/** Runs a verb's work and shows its ending; whatever it throws is an ending too. */
export async function run(
  around: Surroundings,
  options: JsonOption,
  work: () => Promise<Ending>,
): Promise<void> {
  const ending = await work().catch(faultOf)
  around.finish(ending, options.json === true)
}

/** As `run`, with a connection to the agent that is closed afterwards. */
export function runAtDoor(
  around: Surroundings,
  options: DoorOption,
  work: (door: Door) => Promise<Ending>,
): Promise<void> {
  return runWithDoor(around, options, async () => ({ ok: true, value: null }), work)
}

/** The same, with what was typed looked at first: a mistake in it is one also where no agent runs. */
export function runWithDoor<Input>(
  around: Surroundings,
  options: DoorOption,
  read: () => Promise<Attempt<Input>>,
  work: (door: Door, input: Input) => Promise<Ending>,
): Promise<void> {
  const { config, clock } = around
  return run(around, options, async () => {
    const input = await read()
    if (!input.ok) return input
    const opened = await openDoor({ runDir: options.run ?? config.runDir, uid: config.uid, clock })
    if (!opened.ok) return opened
    try {
      return await work(opened.value, input.value)
    } finally {
      opened.value.close()
    }
  })
}
