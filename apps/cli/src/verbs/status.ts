import { refuse } from '@stint/elevation'
import type { UserEvent, UserStatus } from '@stint/wire/local-user'
import type { Door } from '../door.ts'
import { done, type Ending, unreachable } from '../ending.ts'
import { type DoorOption, runAtDoor, type Surroundings, type Verb, withDoor } from '../verb.ts'
import { statusText } from '../words/status-text.ts'
import { between, clockTime, duration } from '../words/time-text.ts'

interface Options extends DoorOption {
  readonly watch?: boolean
}

export const statusVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('status')
      .summary('what you have, what you wait for, and the time left')
      .description('Shows your administrator rights and the time left, or your open request.')
      .option('--watch', 'show every change until Ctrl-C; with --json one object per line'),
    'stint status',
  ).action((options: Options) =>
    runAtDoor(around, options, async (door) => {
      if (options.watch) return watch(door, options, around)
      const status = await door.call('status', {})
      if (!status.ok) return status
      return done(status.value, statusText(status.value, around.terminal, around.clock.now()))
    }),
  )
}

/** Every change as a line; on a terminal the last line counts down. */
async function watch(
  door: Door,
  { json }: Options,
  { terminal, clock, stopWhenAsked }: Surroundings,
): Promise<Ending> {
  const closed = new AbortController()
  const over = AbortSignal.any([stopWhenAsked(), closed.signal])
  let seen = { line: '', status: null as UserStatus | null, at: 0 }
  const look = (status: UserStatus) => {
    const line = watchedLine(status)
    if (json) terminal.print(JSON.stringify(status))
    else if (line !== seen.line) terminal.say(line)
    seen = { line, status, at: clock.now() }
  }
  const first = await door.watch(
    ({ status }: UserEvent) => look(status),
    () => closed.abort(),
  )
  if (!first.ok) return first
  look(first.value)
  while (!over.aborted) {
    if (!json && seen.status?.session) terminal.progress(timeLeft(seen.status, clock.now() - seen.at))
    await clock.wait(1000, over)
  }
  return closed.signal.aborted ? unreachable(refuse('agent-not-running')) : done(undefined, '')
}

function watchedLine({ request, session, now }: UserStatus): string {
  if (session !== null)
    return `administrator rights until ${clockTime(Date.parse(session.endsAt), Date.parse(now))}`
  return request === null ? 'no administrator rights' : `waiting for an answer to ${request.requestCode}`
}

function timeLeft({ now, session }: UserStatus, sinceMs: number): string {
  return session === null ? '' : `${duration(between(now, session.endsAt) - sinceMs)} left`
}
