import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { UserStatus } from '@stint/wire/local-user'
import { openDoor } from '../door.ts'
import { type Attempt, done, type Ending } from '../ending.ts'
import { type DoorOption, run, type Surroundings, type Verb, withDoor } from '../verb.ts'

/** One thing that must be right for rights to be raised and recorded. */
interface Check {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  /** What to do where it is not right. */
  readonly hint: string
}

export const doctorVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('doctor')
      .summary('look whether everything that is needed works')
      .description(
        'Looks at what Stint needs on this computer. The exit code says that it looked; `healthy` in the JSON says what it found.',
      ),
    'stint doctor',
  ).action((options: DoorOption) => run(around, options, () => examine(options, around)))
}

async function examine(options: DoorOption, around: Surroundings): Promise<Ending> {
  const { config, clock, terminal } = around
  const status = await statusOf({ runDir: options.run ?? config.runDir, uid: config.uid, clock })
  const checks = [
    ...agentChecks(status),
    ...(config.platform === 'linux' ? linuxChecks(config.programDirs) : []),
  ]
  const lines = checks.flatMap(({ name, ok, found, hint }) => [
    `${ok ? terminal.style('green', 'ok  ') : terminal.style('red', 'bad ')} ${name.padEnd(10)} ${found}`,
    ...(ok ? [] : [`     ${''.padEnd(10)} ${hint}`]),
  ])
  return done({ healthy: checks.every(({ ok }) => ok), checks }, lines.join('\n'))
}

async function statusOf(at: Parameters<typeof openDoor>[0]): Promise<Attempt<UserStatus>> {
  const opened = await openDoor(at)
  if (!opened.ok) return opened
  const status = await opened.value.call('status', {})
  opened.value.close()
  return status
}

function agentChecks(status: Attempt<UserStatus>): readonly Check[] {
  if (!status.ok) {
    const { message, hint } = status.failure
    return [{ name: 'agent', ok: false, found: message, hint }]
  }
  const { device } = status.value
  return [
    { name: 'agent', ok: true, found: `runs on ${device.name}`, hint: '' },
    check(
      'enrolled',
      device.enrolled,
      'connected to a server',
      'not connected to a server',
      'Ask your administrator to enrol this computer.',
    ),
    check(
      'server',
      device.online,
      'can be reached',
      'cannot be reached now',
      'Codes by telephone work meanwhile, where the policy has them.',
    ),
  ]
}

function linuxChecks(programDirs: readonly string[]): readonly Check[] {
  const has = (program: string) => programDirs.some((dir) => isProgram(join(dir, program)))
  return [
    check(
      'sudo',
      has('sudo'),
      'is installed',
      'is not installed',
      'Install sudo: rights are raised through it.',
    ),
    check(
      'polkit',
      has('pkexec') || existsSync('/usr/share/polkit-1'),
      'is installed',
      'is not installed',
      'Without polkit, graphical programs do not get the rights; sudo does.',
    ),
    check(
      'audit',
      existsSync('/proc/self/loginuid'),
      'is in the kernel',
      'is not in the kernel',
      'Programs cannot be recorded without it; use a kernel with audit.',
    ),
  ]
}

function check(name: string, ok: boolean, good: string, bad: string, hint: string): Check {
  return { name, ok, found: ok ? good : bad, hint: ok ? '' : hint }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
