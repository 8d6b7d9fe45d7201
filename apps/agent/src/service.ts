/** The agent as a process: locks, doors, signals. What it takes from the computer is given to it as ports. */
import { readFileSync } from 'node:fs'
import { Fault } from '@stint/elevation'
import type { Clock } from './clock/clock.ts'
import type { Disk } from './config/disk.ts'
import type { Log } from './config/ground.ts'
import type { Random } from './config/ids.ts'
import { lockFolder } from './config/instance-lock.ts'
import type { AgentOptions } from './config/options.ts'
import type { Denier } from './deny/deny.ts'
import { Doors } from './door/doors.ts'
import { createAgent } from './index.ts'
import type { Os } from './os/os.ts'
import type { Recorder } from './record/record.ts'

/** Everything outside the process that the agent works with, its sockets and locks apart. */
export interface Ports {
  readonly os: Os
  readonly recorder: Recorder
  readonly denier: Denier
  readonly clock: Clock
  readonly disk: Disk
  readonly random: Random
  readonly log: Log
}

/** The ports of one installation; `name` is what it is called in system paths. */
export type MakePorts = (name: string) => Ports

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** A run folder directly under /run names the installation in system paths; every other one uses `stint`. */
function installationName(runDir: string): string {
  return /^\/run\/([a-z][a-z0-9]{0,15})$/.exec(runDir)?.[1] ?? 'stint'
}

/**
 * Runs until SIGTERM or SIGINT; writes a line to standard output when calls may come in.
 * @throws Fault `not-root`, `already-running`, `unsafe-folder`, and whatever `createAgent` throws
 */
export async function runAgent(options: AgentOptions, makePorts: MakePorts): Promise<void> {
  const { stateDir, runDir, enrollToken, courierUid, json } = options
  if (process.getuid?.() !== 0)
    throw new Fault('not-root', 'The agent must run as root', 'Start it with sudo.')
  const name = installationName(runDir)
  const shared = [...new Set([runDir, `/run/${name}`])].map((dir) => lockFolder(dir))
  const locks = [lockFolder(stateDir, 0o700), ...shared]
  const ports = makePorts(name)
  const { os, log } = ports
  if (options.remove) {
    await removeFrom(ports)
    return void process.stdout.write(json ? '{"removed":true}\n' : 'removed\n')
  }
  const agent = await createAgent({ ...ports, stateDir, version: version(), enrollToken })
  const giveSocket = (path: string, uid: number) => os.giveSocket(path, uid)
  const doors = await Doors.open({ behind: agent, runDir, courierUid, giveSocket, log })
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  process.on('SIGHUP', () => undefined)
  process.stdout.write(json ? `${JSON.stringify({ ready: true, runDir, users: doors.users })}\n` : 'ready\n')
  await stopped
  await doors.close()
  await agent.stop()
  for (const lock of locks) lock.release()
}

/** The locks say that no agent runs: rights that are still up have nobody to look after them, and go first. */
async function removeFrom({ os, recorder }: Ports): Promise<void> {
  for (const raised of await os.raisedSessions()) await os.lower(raised)
  await recorder.recover()
  await os.unprepare()
}
