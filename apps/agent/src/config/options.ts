import { parseArgs } from 'node:util'
import { Fault } from '@stint/elevation'

export interface AgentOptions {
  readonly stateDir: string
  readonly runDir: string
  readonly enrollToken: string | undefined
  readonly courierUid: number | undefined
  readonly json: boolean
}

export const usage = `stint agent: the part of Stint that raises and lowers rights on this computer. Runs as root.

  --state DIR        what it keeps, root only        (/var/lib/stint)
  --run DIR          its sockets                     (/run/stint)
  --enroll TOKEN     connect this computer to a server; ignored when it is connected
  --courier-uid N    account of the courier, which carries messages to the server
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
    enrollToken: values.enroll,
    courierUid: uid === undefined ? undefined : Number(uid),
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
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : 'These flags cannot be read')
  }
}

function absolute(flag: string, path: string): string {
  if (path.startsWith('/')) return path
  throw wrongUsage(`${flag} takes an absolute path`)
}

function wrongUsage(message: string): Fault {
  return new Fault('usage', message, 'See --help.')
}
