import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Fault } from '@stint/elevation'

export interface AgentOptions {
  readonly stateDir: string
  readonly runDir: string
  readonly enrollToken: string | undefined
  readonly courierUid: number | undefined
  /** Not to run, but to take everything off this computer that an agent put into system folders. */
  readonly remove: boolean
  readonly json: boolean
}

export const usage = `stint agent: the part of Stint that raises and lowers rights on this computer. Runs as root.

  --state DIR        what it keeps, root only        (/var/lib/stint)
  --run DIR          its sockets                     (/run/stint)
  --enroll TOKEN     connect this computer to a server; ignored when it is connected. @FILE takes the token from a
                     file, out of sight of other users of this computer
  --courier-uid N    account of the courier, which carries messages to the server
  --remove           take what an agent put into system folders off this computer, and end; state and journal stay
  --json             one line of JSON when ready
`

/** @throws Fault `usage` */
export function readOptions(args: readonly string[]): AgentOptions | 'help' {
  const values = parsed(args)
  if (values.help) return 'help'
  const uid = values['courier-uid']
  if (uid !== undefined && !/^[1-9]\d{0,8}$/.test(uid)) throw wrongUsage('--courier-uid takes a uid above 0')
  return {
    stateDir: absolute('--state', values.state),
    runDir: absolute('--run', values.run),
    enrollToken: values.enroll === undefined ? undefined : tokenText(values.enroll),
    courierUid: uid === undefined ? undefined : Number(uid),
    remove: values.remove,
    json: values.json,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        state: { type: 'string', default: '/var/lib/stint' },
        run: { type: 'string', default: '/run/stint' },
        enroll: { type: 'string' },
        'courier-uid': { type: 'string' },
        remove: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : 'These flags cannot be read')
  }
}

/** A command line can be read by everybody on the computer; a file need not be. */
function tokenText(value: string): string {
  if (!value.startsWith('@')) return value
  try {
    return readFileSync(value.slice(1), 'utf8').trim()
  } catch {
    throw wrongUsage(`--enroll cannot read the file ${value.slice(1)}`)
  }
}

function absolute(flag: string, path: string): string {
  if (path.startsWith('/')) return path
  throw wrongUsage(`${flag} takes an absolute path`)
}

function wrongUsage(message: string): Fault {
  return new Fault('usage', message, 'See --help.')
}
