import type { UserStatus } from '@stint/wire/local-user'
import manifest from '../../package.json' with { type: 'json' }
import { examine } from '../doctor/examine.ts'
import type { Finding, State } from '../doctor/finding.ts'
import { thisSystem } from '../doctor/system.ts'
import { openDoor } from '../door.ts'
import type { Attempt } from '../ending.ts'
import type { Terminal } from '../terminal.ts'
import { type DoorOption, type Surroundings, type Verb, withDoor } from '../verb.ts'

interface Options extends DoorOption {
  readonly state: string
}

export const doctorVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('doctor')
      .summary('look whether everything that is needed works')
      .description(
        'Says what is missing or weak on this computer, what that costs, and what to do. Changes nothing. As root it sees more: `sudo stint doctor`. The exit code is 1 if something is broken.',
      )
      .option('--state <dir>', 'what the agent keeps, for root to look at', '/var/lib/stint'),
    'stint doctor',
  ).action((options: Options) => look(options, around))
}

async function look(options: Options, { config, clock, terminal }: Surroundings): Promise<void> {
  const runDir = options.run ?? config.runDir
  const { uid } = config
  const findings = await examine(thisSystem(uid, config.programDirs), {
    ...{ config, runDir, stateDir: options.state, nowMs: clock.now() },
    status: uid === 0 ? null : await statusOf({ runDir, uid, clock }),
  })
  const healthy = !findings.some(({ state }) => state === 'broken')
  if (options.json) terminal.print(JSON.stringify({ healthy, version: manifest.version, findings }))
  else for (const finding of findings) for (const line of linesOf(finding, terminal)) terminal.print(line)
  process.exitCode = healthy ? 0 : 1
}

async function statusOf(at: Parameters<typeof openDoor>[0]): Promise<Attempt<UserStatus>> {
  const opened = await openDoor(at)
  if (!opened.ok) return opened
  const status = await opened.value.call('status', {})
  opened.value.close()
  return status
}

const colors = { good: 'green', weak: 'yellow', broken: 'red', unseen: 'dim' } as const satisfies Record<
  State,
  string
>
const width = 14

function linesOf({ check, state, found, means, next }: Finding, { style }: Terminal): readonly string[] {
  const head = `${style(colors[state], state.padEnd(7))} ${check.padEnd(width)} ${found}`
  return [head, ...[means, next].filter(Boolean).map((text) => `${' '.repeat(width + 8)} ${text}`)]
}
