/** `stint agent`: builds the agent of this computer and runs it until it is told to stop. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '@stint/elevation'
import { SystemClock } from './clock/system-clock.ts'
import { FileDisk } from './config/disk.ts'
import type { Log } from './config/ground.ts'
import { lockFolder } from './config/instance-lock.ts'
import { type AgentOptions, readOptions, usage } from './config/options.ts'
import { Doors } from './door/doors.ts'
import { createAgent } from './index.ts'
import { linuxOs } from './os/linux/linux-os.ts'
import type { Os } from './os/os.ts'
import { LinuxRecorder } from './record/linux/linux-recorder.ts'

/** Lines for the service's own log; never what a person wrote, a code or a key. */
const log: Log = {
  info: (message, more = {}) =>
    process.stderr.write(`${JSON.stringify({ level: 'info', message, ...more })}\n`),
  error: (message, cause) => {
    const why =
      cause instanceof Error ? { error: cause.message, code: 'code' in cause ? cause.code : cause.name } : {}
    process.stderr.write(`${JSON.stringify({ level: 'error', message, ...why })}\n`)
  },
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** A run folder directly under /run names the installation in system paths; every other one uses `stint`. */
function installationName(runDir: string): string {
  return /^\/run\/([a-z][a-z0-9]{0,15})$/.exec(runDir)?.[1] ?? 'stint'
}

async function run(options: AgentOptions): Promise<void> {
  const { stateDir, runDir, enrollToken, courierUid, json } = options
  if (process.getuid?.() !== 0)
    throw new Fault('not-root', 'The agent must run as root', 'Start it with sudo.')
  const name = installationName(runDir)
  const shared = [...new Set([runDir, `/run/${name}`])].map((dir) => lockFolder(dir))
  const locks = [lockFolder(stateDir, 0o700), ...shared]
  const clock = new SystemClock()
  const os = linuxOs({ clock, name })
  const recorder = new LinuxRecorder({ clock, settingsFile: `/run/${name}/audit-before.json` })
  if (options.remove) {
    await removeFrom(os, recorder)
    return void process.stdout.write(json ? '{"removed":true}\n' : 'removed\n')
  }
  const parts = { os, recorder, clock, random: (length: number) => Uint8Array.from(randomBytes(length)) }
  const agent = await createAgent({
    ...parts,
    disk: new FileDisk(),
    stateDir,
    log,
    version: version(),
    enrollToken,
  })
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
async function removeFrom(os: Os, recorder: LinuxRecorder): Promise<void> {
  for (const raised of await os.raisedSessions()) await os.lower(raised)
  await recorder.recover()
  await os.unprepare()
}

/** Exit codes as for every command: 2 wrong usage, 4 fault. */
function fail(error: unknown): never {
  const known = error instanceof Error && 'code' in error && 'hint' in error
  process.stderr.write(`error: ${error instanceof Error ? error.message : 'unknown'}\n`)
  if (known) process.stderr.write(`hint: ${error.hint}\n`)
  process.exit(known && error.code === 'usage' ? 2 : 4)
}

// Whoever reads the log may go away; that must not end the process that looks after rights.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(usage)
  else await run(options)
  process.exit(0)
} catch (error) {
  fail(error)
}
