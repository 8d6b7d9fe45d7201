import { given, passOnBuilt } from '../pass-on.ts'
import { programs } from '../up/programs.ts'
import { type JsonOption, type Verb, withJson } from '../verb.ts'

interface Options extends JsonOption {
  readonly run?: string
  readonly uid?: string
  readonly gid?: string
}

export const courierVerb: Verb = (program, around) => {
  withJson(
    program
      .command('courier')
      .summary('run the courier between the agent and the server')
      .description(
        'Runs the courier: it carries messages between the agent and the server, and has no rights and no keys.',
      )
      .option('--run <dir>', "folder of the agent's sockets (/run/stint)")
      .option('--uid <n>', 'account to become, when started as root')
      .option('--gid <n>', 'group to become, when started as root'),
    'stint courier --run /run/stint --uid 61184 --gid 61184',
  ).action(({ run, uid, gid, json }: Options) =>
    passOnBuilt(around, json === true, () => [
      ...programs(around.config).main('courier'),
      ...given('--run', run),
      ...given('--uid', uid),
      ...given('--gid', gid),
    ]),
  )
}
