import { isOneOf, modes, refuse } from '@stint/elevation'
import type { SessionView, UserEvent, UserResults, UserStatus } from '@stint/wire/local-user'
import type { CallFields, Door } from '../door.ts'
import { type Attempt, done, type Ending, failed, refusedBy, unreachable, wrongUsage } from '../ending.ts'
import type { Terminal } from '../terminal.ts'
import { type DoorOption, runWithDoor, type Surroundings, type Verb, withDoor } from '../verb.ts'
import { requestCodeLines } from '../words/code-text.ts'
import { contactLines, contactList } from '../words/contact-text.ts'
import { statusText } from '../words/status-text.ts'

interface Options extends DoorOption {
  readonly reason?: string
  readonly minutes?: string
  readonly mode: string
  readonly ticket?: string
  readonly offline?: boolean
  readonly wait?: boolean
}

type Asked = UserResults['request']

export const requestVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('request')
      .summary('ask for administrator rights')
      .description('Asks for administrator rights and shows the request code.')
      .option('--reason <text>', 'what you need the rights for, in one sentence')
      .option('--minutes <n>', 'for how long; the policy has a default and a ceiling')
      .option('--mode <mode>', `what is raised: ${modes.join(' or ')}; the policy must have it`, 'session')
      .option('--ticket <id>', 'number of your ticket')
      .option('--offline', 'there is no network: do not wait for it')
      .option('--wait', 'wait for the answer'),
    'stint request --reason "Install the printer driver" --minutes 15 --wait',
  ).action((options: Options) =>
    runWithDoor(around, options, givenFields(options, around.terminal), async (door, given) => {
      const reason = given.reason ?? (await askReason(around.terminal))
      if (reason === null) return noReason()
      const asked = await door.call('request', { ...given, reason })
      if (!asked.ok) return asked
      return options.wait ? waitForAnswer(asked.value, door, around) : ended(asked.value, around.terminal)
    }),
  )
}

type Given = Omit<CallFields<'request'>, 'reason'> & { readonly reason: string | null }

/** What stands on the command line; `reason` is null when a person at a terminal is to be asked. */
function givenFields(options: Options, terminal: Terminal): () => Promise<Attempt<Given>> {
  return async () => {
    const { mode, ticket, offline, reason = null, json } = options
    if (!isOneOf(modes, mode))
      return wrongUsage(`There is no mode '${mode}'.`, `Say --mode ${modes.join(' or --mode ')}.`)
    const minutes = minutesOf(options)
    if (!minutes.ok) return minutes
    if (reason === null && (json || !terminal.interactive)) return noReason()
    const more = {
      ...minutes.value,
      ...(ticket === undefined ? {} : { ticket }),
      ...(offline === true ? { offline } : {}),
    }
    return { ok: true, value: { reason, mode, ...more } }
  }
}

function minutesOf({ minutes: text }: Options): Attempt<{ readonly minutes?: number }> {
  if (text === undefined) return { ok: true, value: {} }
  const minutes = Number(text)
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 10080) return { ok: true, value: { minutes } }
  return wrongUsage('--minutes is a whole number from 1 to 10080.', 'Such as --minutes 15.')
}

function noReason() {
  return wrongUsage('A reason is needed.', 'Say --reason "…" in one sentence.')
}

async function askReason(terminal: Terminal): Promise<string | null> {
  const typed = (await terminal.ask('What do you need administrator rights for? '))?.trim()
  return typed === undefined || typed === '' ? null : typed
}

function askedJson({ requestId, requestCode, sent, contacts }: Asked): Record<string, unknown> {
  return { requestId, requestCode, sent, contacts: contactList(contacts) }
}

function askedLines({ requestCode, sent, contacts }: Asked, terminal: Terminal): readonly string[] {
  const carried = sent
    ? 'An approver can see your request now. This is its code, in case somebody asks for it:'
    : 'The server cannot be reached. Read this code to somebody who may agree:'
  const people = contactLines(contacts).map((line) => `    ${line}`)
  return [
    carried,
    '',
    ...requestCodeLines(requestCode, terminal),
    ...(people.length > 0 ? ['', ...people] : []),
  ]
}

function ended(asked: Asked, terminal: Terminal): Ending {
  const next = asked.sent
    ? 'Next: your rights begin by themselves when it is approved. `stint status` shows where it stands.'
    : 'Next: enter the answer with `stint code`. The request stays open meanwhile.'
  return done(askedJson(asked), [...askedLines(asked, terminal), '', next].join('\n'))
}

async function waitForAnswer(asked: Asked, door: Door, around: Surroundings): Promise<Ending> {
  const { terminal } = around
  for (const line of askedLines(asked, terminal)) terminal.say(line)
  terminal.say('')
  const { status, lost } = await answered(asked.requestId, door, around)
  if (lost !== null) return lost
  if (status === null)
    return failed('refused', {
      code: 'still-waiting',
      message: 'You stopped waiting. The request stays open.',
      hint: 'See `stint status`, or take it back with `stint withdraw`.',
    })
  return decisionOf(asked, status, around)
}

interface Answered {
  readonly status: UserStatus | null
  readonly lost: (Ending & { ok: false }) | null
}

/** Waits until the request is no longer open, the agent is gone, or the person stops waiting. */
async function answered(
  requestId: string,
  door: Door,
  { terminal, stopWhenAsked }: Surroundings,
): Promise<Answered> {
  const { promise, resolve } = Promise.withResolvers<Answered>()
  const look = (status: UserStatus) => {
    if (status.request?.requestId === requestId) terminal.progress(progressOf(status))
    else resolve({ status, lost: null })
  }
  stopWhenAsked().addEventListener('abort', () => resolve({ status: null, lost: null }), { once: true })
  const first = await door.watch(
    (event: UserEvent) => look(event.status),
    () => resolve({ status: null, lost: unreachable(refuse('agent-not-running')) }),
  )
  if (first.ok) look(first.value)
  else resolve({ status: null, lost: first })
  return promise
}

function progressOf({ request, device }: UserStatus): string {
  if (request?.sent) return 'Waiting for an approver …'
  return device.online
    ? 'Sending it to the server …'
    : 'No server: waiting for `stint code` in another window …'
}

function decisionOf(asked: Asked, status: UserStatus, { terminal, clock }: Surroundings): Ending {
  const { session, lastDecision: decision } = status
  if (session !== null) return approved(asked, session, statusText(status, terminal, clock.now()))
  const ours = decision?.requestId === asked.requestId ? decision : null
  const hint = ours === null || ours.note === '' ? {} : { hint: `The approver wrote: ${ours.note}` }
  if (ours?.state === 'denied') return refusedBy('denied', hint)
  if (ours?.state === 'expired') return refusedBy('expired')
  if (ours?.state === 'withdrawn') return refusedBy('withdrawn')
  return refusedBy('void')
}

function approved(asked: Asked, { sessionId, mode, endsAt }: SessionView, text: string): Ending {
  return done({ ...askedJson(asked), sessionId, mode, endsAt }, text)
}
