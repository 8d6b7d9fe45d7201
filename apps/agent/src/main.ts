/** `stint agent`: builds the agent of this computer and runs it until it is told to stop. */
import { randomBytes } from 'node:crypto'
import { SystemClock } from './clock/system-clock.ts'
import { FileDisk } from './config/disk.ts'
import type { Log } from './config/ground.ts'
import { readOptions, usage } from './config/options.ts'
import { LinuxDenier } from './deny/linux/linux-denier.ts'
import { layout } from './os/linux/layout.ts'
import { linuxOs } from './os/linux/linux-os.ts'
import { LinuxRecorder } from './record/linux/linux-recorder.ts'
import { type Ports, runAgent } from './service.ts'

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

/** This computer as it is. */
function realPorts(name: string): Ports {
  const clock = new SystemClock()
  const { gateHelper, joinHelper } = layout(name)
  return {
    os: linuxOs({ clock, name }),
    recorder: new LinuxRecorder({ clock }),
    denier: new LinuxDenier({ clock, name, helpers: [gateHelper, joinHelper] }),
    clock,
    disk: new FileDisk(),
    random: (length) => Uint8Array.from(randomBytes(length)),
    log,
  }
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
  else await runAgent(options, realPorts)
  process.exit(0)
} catch (error) {
  fail(error)
}
