import { type CallerCheck, callerCheckLabels, callerChecks, isOneOf, type LedgerType } from '@stint/elevation'
import type { SessionDetail } from '@stint/wire/console'
import { isoTime, msOf } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { LedgerRow } from '../db/schema.ts'
import { actorNames } from './actor-names.ts'

/** What happened around a session, from both sides, in order. Each side's own clock says when. */
export async function timelineOf(
  read: Reader,
  about: {
    readonly sessionId: string
    readonly deviceId: string
    readonly deviceRequestId: string
    readonly requestId: string | null
    readonly deviceName: string
    readonly denied: SessionDetail['denied']
  },
): Promise<SessionDetail['timeline']> {
  const facts = await read
    .selectFrom('session_fact')
    .selectAll()
    .where('device_id', '=', about.deviceId)
    .where((is) =>
      is.or([is('session_id', '=', about.sessionId), is('device_request_id', '=', about.deviceRequestId)]),
    )
    .orderBy('seq')
    .execute()
  const subjects = [
    `session:${about.sessionId}`,
    ...(about.requestId === null ? [] : [`request:${about.requestId}`]),
  ]
  const ledger = await read
    .selectFrom('ledger')
    .selectAll()
    .where('subject', 'in', subjects)
    .orderBy('seq')
    .execute()
  const named = await actorNames(
    read,
    ledger.flatMap(({ actor }) => actor ?? []),
  )
  const denied = about.denied.map((start) => ({
    at: msOf(start.at),
    type: 'process.denied',
    text: deniedText(start),
  }))
  const there = [...facts, ...denied].map(({ at, type, text }) => ({
    ms: at,
    type,
    text,
    who: about.deviceName,
    where: 'computer' as const,
  }))
  const here = ledger.flatMap((row) => serverLine(row, named))
  return [...there, ...here]
    .sort((a, b) => a.ms - b.ms)
    .map(({ ms, ...line }) => ({ at: isoTime(ms), ...line }))
}

/** One that was dropped has no subject, and is not found by it. */
function serverLine(
  { at, type, actor, body }: LedgerRow,
  named: (actor: string) => string,
): { ms: number; type: string; text: string; who: string; where: 'server' }[] {
  if (actor === null || body === null) return []
  const text = serverText(type, JSON.parse(body))
  return text === null ? [] : [{ ms: at, type, text, who: named(actor), where: 'server' }]
}

function deniedText({ program, rule, repeated }: SessionDetail['denied'][number]): string {
  const why = rule === null ? 'no rule allows it' : `rule ${rule}`
  const more = repeated === 0 ? '' : ` And ${repeated} more time${repeated === 1 ? '' : 's'}.`
  return `${program} was kept from starting: ${why}.${more}`
}

type Body = Readonly<Record<string, unknown>>

/** Null for facts that the computer's own line says better. */
function serverText(type: LedgerType, body: Body): string | null {
  switch (type) {
    case 'request.received':
      return 'The request arrived over the network.'
    case 'request.resolved':
      return 'The request code was looked up.'
    case 'caller.checked':
      return `The caller was checked: ${checkLabel(body.callerCheck)}.`
    case 'request.decided':
      return body.outcome === 'approved' ? `Approved for ${body.minutes} minutes.` : 'Denied.'
    case 'code.issued':
      return body.form === 'answer-token'
        ? 'The answer was sent to the computer.'
        : 'A response code was shown.'
    case 'session.end-asked':
      return 'The computer was told to end it.'
    case 'request.ended':
      return `The request ended: ${body.state}.`
    default:
      return null
  }
}

function checkLabel(value: unknown): string {
  return isOneOf(callerChecks, value) ? callerCheckLabels[value satisfies CallerCheck] : 'unknown'
}
