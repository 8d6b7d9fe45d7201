import { credentialLabels, endReasonLabels } from '@stint/elevation'
import type { SessionView, UserStatus } from '@stint/wire/local-user'
import { plain, type Terminal } from '../terminal.ts'
import { requestCodeLines } from './code-text.ts'
import { contactLines } from './contact-text.ts'
import { between, clockTime, duration, minutesText } from './time-text.ts'

const row = (label: string, value: string) => `  ${label.padEnd(14)}${value}`

/** What is going on, for the person at the terminal. `now` is this computer's clock in milliseconds. */
export function statusText(status: UserStatus, terminal: Pick<Terminal, 'style'>, now: number): string {
  const lines = [...stateLines(status, terminal, now), ...pauseLines(status)]
  return [...lines, '', row('computer', `${plain(status.device.name)}, ${connection(status, now)}`)].join(
    '\n',
  )
}

function stateLines(status: UserStatus, terminal: Pick<Terminal, 'style'>, now: number): readonly string[] {
  const { session, request } = status
  if (session !== null) return sessionLines(session, status.now, terminal, now)
  if (request !== null) {
    return [
      terminal.style('bold', 'Waiting for an answer to your request.'),
      '',
      ...requestCodeLines(request.requestCode, terminal),
      '',
      row('asked for', `${minutesText(request.minutes)}: ${plain(request.reason)}`),
      row('sent', request.sent ? 'yes, an approver can see it' : 'no, read the code to an approver'),
      row('wrong tries', `${request.triesLeft} left`),
      ...contactLines(status.contacts).map((line) => row('', line)),
    ]
  }
  const last = status.lastDecision
  const note = last === null || last.note === '' ? '' : `: ${plain(last.note)}`
  const before = last === null ? [] : [row('last request', `${last.state}${note}`)]
  return ['You have no administrator rights at the moment.', ...before, row('ask', '`stint request`')]
}

function sessionLines(
  session: SessionView,
  agentNow: string,
  { style }: Pick<Terminal, 'style'>,
  now: number,
): readonly string[] {
  const left = between(agentNow, session.endsAt)
  const after = session.endProcesses
    ? 'what still runs with these rights is ended'
    : 'what runs keeps running'
  return [
    `${style(['bold', 'green'], 'You have administrator rights.')} ${style('bold', duration(left))} left, until ${clockTime(now + left, now)}.`,
    '',
    row('reason', plain(session.reason)),
    row('agreed', credentialLabels[session.credential]),
    row('recorded', `${session.processes} programs so far`),
    row('at the end', after),
    row('end now', '`stint end`'),
  ]
}

function pauseLines({ pause }: UserStatus): readonly string[] {
  if (pause === null) return []
  if (pause.kind === 'wait') return ['', row('pause', `${duration(pause.remainingMs)} after wrong codes`)]
  if (pause.kind === 'locked') return ['', row('codes', 'locked after too many wrong ones')]
  return ['', row('codes', 'not taken: this computer’s state seems to have been set back')]
}

function connection({ device, now: agentNow }: UserStatus, now: number): string {
  if (!device.enrolled) return 'not connected to a Stint server yet'
  if (device.online) return 'the server can be reached'
  if (device.lastContactAt === null) return 'the server was never reached'
  const last = now - between(device.lastContactAt, agentNow)
  return `the server cannot be reached, last at ${clockTime(last, now)}`
}

/** One line of a person's own history. */
export function historyLine(session: SessionView, now: number): string {
  const start = clockTime(Date.parse(session.startedAt), now)
  const length = duration(between(session.startedAt, session.endedAt ?? session.endsAt))
  const end = session.endReason === null ? 'running' : endReasonLabels[session.endReason].toLowerCase()
  return `${start}, ${length}, ${session.processes} programs, ${end}: ${plain(session.reason)}`
}
