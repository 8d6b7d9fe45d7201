import { given, passOnBuilt } from '../pass-on.ts'
import { programs } from '../up/programs.ts'
import { type JsonOption, type Verb, withJson } from '../verb.ts'

interface Options extends JsonOption {
  readonly state?: string
  readonly run?: string
  readonly enroll?: string
  readonly courierUid?: string
  readonly remove?: boolean
}

export const agentVerb: Verb = (program, around) => {
  withJson(
    program
      .command('agent')
      .summary('run the agent of this computer (root)')
      .description('Runs the agent: the part that raises and lowers rights on this computer. Needs root.')
      .option('--state <dir>', 'what it keeps, for root only (/var/lib/stint)')
      .option('--run <dir>', 'its sockets (/run/stint)')
      .option('--enroll <token>', 'connect this computer to a server; @FILE reads the token from a file')
      .option('--courier-uid <n>', 'account of the courier')
      .option('--remove', 'take what an agent put into system folders off this computer, and end'),
    'sudo stint agent --enroll stint-enroll.…',
  ).action(({ state, run, enroll, courierUid, remove, json }: Options) =>
    passOnBuilt(around, json === true, () => [
      ...programs(around.config).main('agent'),
      ...given('--state', state),
      ...given('--run', run),
      ...given('--enroll', enroll),
      ...given('--courier-uid', courierUid),
      ...(remove ? ['--remove'] : []),
      ...(json ? ['--json'] : []),
    ]),
  )
}
