/** This computer while a bench changes it: everything is put back when the stack is disposed, also after a failure. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { systemClock } from '../../apps/cli/src/clock.ts'
import { type Door, openDoor } from '../../apps/cli/src/door.ts'
import type { Attempt } from '../../apps/cli/src/ending.ts'
import { startProgram, stopProgram } from '../../tests/compliance/organisation-server.ts'
import { Computer, until, whyNot } from '../../tests/compliance/os-fixture.ts'
import { PersonShell } from './person-shell.ts'

let asked: NodeJS.Signals | null = null
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (asked = signal))

/** To be called between rounds, so that Ctrl-C too puts everything back. @throws Error after SIGINT or SIGTERM */
export function stopWhenAsked(): void {
  if (asked) throw new Error(`stopped by ${asked}`)
}

/** What else the machine does: a figure without it means little. */
export function loadText(): string {
  return `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`
}

/** Of the courier: an account that nobody has. */
export const courierUid = 61_999

/** @throws Error where the bench cannot run, with what is missing */
export async function openComputer(undo: AsyncDisposableStack, ...programs: string[]): Promise<Computer> {
  const why = whyNot('sudo', 'visudo', 'useradd', 'runuser', ...programs)
  if (why) throw new Error(`this bench cannot run here: ${why.replace('skipped: ', '')}`)
  const computer = await Computer.open()
  undo.defer(() => computer.close())
  return computer
}

export function openShell(undo: AsyncDisposableStack, person: Account): PersonShell {
  const shell = PersonShell.open(person)
  undo.defer(() => shell.close())
  return shell
}

/** A plain sudo rule as an administrator would write it, without Stint. False when this sudo does not accept it. */
export function addSudoRule(undo: AsyncDisposableStack, name: string, lines: readonly string[]): boolean {
  // sudo does not read a name with a dot, so the draft means nothing until it is renamed.
  const [draft, path] = [`/etc/sudoers.d/${name}.draft`, `/etc/sudoers.d/${name}`]
  undo.defer(() => {
    for (const file of [draft, path]) rmSync(file, { force: true })
  })
  writeFileSync(draft, `${lines.join('\n')}\n`, { mode: 0o440, flag: 'wx' })
  const accepted = spawnSync('visudo', ['-cf', draft]).status === 0
  if (accepted) renameSync(draft, path)
  return accepted
}

/** The agent as it is shipped. */
export async function startAgent(
  undo: AsyncDisposableStack,
  { paths: { name } }: Computer,
  enrollToken: string,
): Promise<ChildProcess> {
  const [runDir, stateDir] = [`/run/${name}`, `/var/lib/${name}`]
  undo.defer(() => {
    for (const dir of [runDir, stateDir]) rmSync(dir, { recursive: true, force: true })
  })
  const folders = ['--run', runDir, '--state', stateDir]
  const flags = ['--enroll', enrollToken, '--courier-uid', String(courierUid), '--json']
  const { child } = await startProgram('agent', [...folders, ...flags])
  undo.defer(() => stopProgram(child))
  return child
}

/** The person's door to the agent, through the command line's own client. */
export async function openDoorOf(
  undo: AsyncDisposableStack,
  { paths: { name } }: Computer,
  { uid }: Account,
): Promise<Door> {
  const door = must(await openDoor({ runDir: `/run/${name}`, uid, clock: systemClock }))
  undo.defer(() => door.close())
  return door
}

/** @throws Error when the agent refused */
export function must<T>(attempt: Attempt<T>): T {
  if (attempt.ok) return attempt.value
  throw new Error(`refused: ${JSON.stringify(attempt)}`)
}

/** Ends the session of this person; then its end is in the journal, and the next one may be asked for. */
export async function endSession(door: Door): Promise<void> {
  must(await door.call('end', {}))
  await until('the session is over', async () => must(await door.call('status', {})).session === null)
}
