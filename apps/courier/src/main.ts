/**
 * The courier as a process: `node main.ts --run DIR [--uid N --gid N] [--as-root] [--plain-http]`.
 * Connects to `DIR/courier/agent.sock`. Started as root it becomes `--uid`/`--gid` when all its code is loaded, before
 * it says or hears a word. Ends with 2 for wrong usage, 4 for a fault.
 */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Fault } from '@stint/elevation'
import { agentSocket } from './agent-socket.ts'
import { createCourier } from './courier.ts'
import { httpServer } from './http-server.ts'
import { dropPrivileges, provenDropped } from './privileges.ts'
import { systemTimers } from './timers.ts'

const log = (line: string) => process.stderr.write(`courier: ${line}\n`)

const options = {
  run: { type: 'string', default: '/run/stint' },
  uid: { type: 'string' },
  gid: { type: 'string' },
  'as-root': { type: 'boolean', default: false },
  'plain-http': { type: 'boolean', default: false },
} as const

function main(): void {
  const { values } = parseArgs({ options })
  const path = join(resolve(values.run), 'courier', 'agent.sock')
  becomeUnprivileged(values)
  const courier = createCourier({
    agent: agentSocket(path, systemTimers, log),
    server: httpServer(),
    timers: systemTimers,
    random: randomBytes,
    log,
    plainHttp: values['plain-http'],
  })
  const stop = () => {
    courier.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  courier.start()
  process.stdout.write('{"ready":true}\n')
}

function becomeUnprivileged(values: { uid?: string; gid?: string; 'as-root': boolean }): void {
  const account = accountOf(values)
  const isRoot = process.geteuid?.() === 0
  if (!isRoot) {
    if (account !== undefined) provenDropped(account)
  } else if (account !== undefined) {
    dropPrivileges(account)
  } else if (!values['as-root']) {
    throw usage('It does not run as root', 'Give --uid N --gid N of an account that has no other rights.')
  }
}

function accountOf({ uid, gid }: { uid?: string; gid?: string }) {
  if (uid === undefined && gid === undefined) return undefined
  const ids = [uid, gid].map((text) => (/^[1-9][0-9]{0,9}$/.test(text ?? '') ? Number(text) : 0))
  const [u, g] = ids
  if (!u || !g || u > 0xffff_fffe || g > 0xffff_fffe)
    throw usage('An account needs both numbers, not root’s', 'Give --uid N --gid N.')
  return { uid: u, gid: g }
}

function usage(message: string, hint: string): Fault {
  return new Fault('usage', message, hint)
}

try {
  main()
} catch (error) {
  const isUsage = error instanceof Fault && error.code === 'usage'
  if (error instanceof Fault) log(`${error.code}: ${error.message}. ${error.hint}`)
  else log(`failed: ${error instanceof Error ? error.message : 'for an unknown reason'}`)
  process.exitCode = isUsage || error instanceof TypeError ? 2 : 4
}
