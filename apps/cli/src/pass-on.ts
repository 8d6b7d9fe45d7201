import { spawn } from 'node:child_process'
import { faultOf } from './ending.ts'
import { buildPrograms } from './up/build.ts'
import type { Surroundings } from './verb.ts'

/** Runs a program of the product in our place: its words and its exit code are ours. */
export async function passOn(
  around: Surroundings,
  json: boolean,
  [program = '', ...args]: readonly string[],
): Promise<void> {
  const stopped = around.stopWhenAsked()
  const child = spawn(program, args, { stdio: 'inherit', env: around.config.childEnvironment })
  // Ctrl-C reaches it by itself; a signal to this process alone is handed on.
  stopped.addEventListener('abort', () => stopped.reason !== 'SIGINT' && child.kill('SIGTERM'))
  const ended = await new Promise<number | Error>((resolve) => {
    child.once('error', resolve)
    child.once('close', (code) => resolve(code ?? (stopped.aborted ? 0 : 4)))
  })
  if (ended instanceof Error) around.finish(faultOf(ended), json)
  else process.exitCode = ended
}

/** As `passOn`, for the programs of a computer, which are built first; `command` is asked afterwards. */
export async function passOnBuilt(
  around: Surroundings,
  json: boolean,
  command: () => readonly string[],
): Promise<void> {
  const built = await buildPrograms(around.config, around.terminal.say)
  if (built.ok) await passOn(around, json, command())
  else around.finish(built, json)
}

/** A flag of the program, when it was given here. */
export function given(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value]
}
