import { Readable } from 'node:stream'
import { reportLabels } from '@stint/elevation'
import { serverActor } from '../../actor.ts'
import { minuteMs } from '../../clock.ts'
import type { Tx } from '../../db/database.ts'
import type { ReportDeliveryRow, ReportScheduleRow } from '../../db/schema.ts'
import { exported } from '../../views/reports/report-export.ts'
import { askedBy, reportNamed } from '../../views/reports/reports.ts'
import { type DueTime, localDayText, nextDue } from './due-times.ts'
import { letterOf } from './letter.ts'
import { NotSent } from './means.ts'
import type { ReportParts } from './reports.ts'
import type { Target } from './schedules.ts'

/** Times that a server was off are caught up, but not without end. */
const PERIODS_AT_ONCE = 31
/** A delivery that was taken this long ago was taken by a server that stopped. Longer than any mail takes. */
const TAKEN_MS = 15 * minuteMs
/** After each failure; then it is given up. Two days in all. */
const retryMinutes = [1, 5, 15, 60, 180, 360, 720, 1440]

/** Sends what is due: from several servers, and after a stop in the middle, no period twice knowingly. */
export interface Deliveries {
  /** Notes what is due, then sends everything that waits. Harmless to do twice and beside another server. */
  deliver(): Promise<void>
}

export function createDeliveries(parts: ReportParts): Deliveries {
  return {
    async deliver() {
      await parts.db.write((tx) => noteDue(parts, tx))
      await parts.db.write((tx) => giveBack(parts, tx))
      for (;;) {
        const taken = await parts.db.write((tx) => take(parts, tx))
        if (taken === null) return
        const failure = await send(parts, taken)
        await parts.db.write((tx) => finish(parts, tx, taken, failure))
      }
    },
  }
}

/** A delivery for every period that became due; the engine refuses a second one of the same. */
async function noteDue({ store, clock, newId }: ReportParts, tx: Tx): Promise<void> {
  const now = clock.now()
  for (const schedule of await store.dueSchedules(tx, now)) {
    const due: DueTime = JSON.parse(schedule.due)
    let at = schedule.next_due_at ?? now
    for (let count = 0; at <= now && count < PERIODS_AT_ONCE; count++) {
      const { name, dueAtMs, fromMs, toMs } = nextDue(due, at - 1)
      await store.insertDelivery(tx, {
        ...{ id: newId(), schedule_id: schedule.id, period: name, test: 0, from_at: fromMs, to_at: toMs },
        ...{ due_at: dueAtMs, state: 'waiting', attempts: 0, last_error: null, next_try_at: now },
        ...{ taken_at: null, sent_at: null },
      })
      at = nextDue(due, dueAtMs).dueAtMs
    }
    await store.setNextDue(tx, schedule.id, at)
  }
}

/** What a server had taken when it stopped: a file can be written again, a mail may have arrived. */
async function giveBack({ store, clock }: ReportParts, tx: Tx): Promise<void> {
  const now = clock.now()
  for (const { id, schedule_id } of await store.staleDeliveries(tx, now - TAKEN_MS)) {
    const target: Target = JSON.parse((await store.schedule(schedule_id, tx))?.target ?? '{}')
    const last_error = 'The server stopped while it was being sent.'
    const state = target.kind === 'folder' ? 'waiting' : 'uncertain'
    const next_try_at = state === 'waiting' ? now : null
    await store.changeDelivery(tx, id, { state, last_error, next_try_at, sent_at: null })
  }
}

interface Taken {
  readonly delivery: ReportDeliveryRow
  readonly schedule: ReportScheduleRow
  readonly filter: string
  readonly takenAt: number
}

async function take({ store, clock }: ReportParts, tx: Tx): Promise<Taken | null> {
  const takenAt = clock.now()
  const delivery = await store.nextDelivery(tx, takenAt)
  const schedule = delivery === null ? null : await store.schedule(delivery.schedule_id, tx)
  if (delivery === null || schedule === null) return null
  const filter = schedule.filter_id === null ? null : await store.filter(schedule.filter_id, tx)
  const { last_error } = delivery
  const attempts = delivery.attempts + 1
  await store.changeDelivery(tx, delivery.id, {
    ...{ state: 'sending', attempts, last_error, next_try_at: null, taken_at: takenAt, sent_at: null },
  })
  return { delivery: { ...delivery, attempts }, schedule, filter: filter?.body ?? '{}', takenAt }
}

/** Null when it was sent; addresses that were not taken do not keep it from the others. */
async function send(parts: ReportParts, taken: Taken): Promise<NotSent | string | null> {
  const { reports, means, clock } = parts
  const { delivery, schedule } = taken
  const due: DueTime = JSON.parse(schedule.due)
  const target: Target = JSON.parse(schedule.target)
  const [from, to] = [new Date(delivery.from_at).toISOString(), new Date(delivery.to_at).toISOString()]
  try {
    const asked = askedBy({ ...JSON.parse(taken.filter), from, to }, clock)
    const report = reportNamed(reports, schedule.report)
    const pieces = exported(report, asked, { sort: undefined, format: schedule.format, bom: true })
    const content = Readable.from(pieces, { objectMode: false })
    const days = {
      from: localDayText(delivery.from_at, due.zone),
      to: localDayText(delivery.to_at - 1, due.zone),
    }
    const name = `stint-${schedule.report}-${days.from}-to-${days.to}.${schedule.format}`
    if (target.kind === 'folder') {
      if (means.folder === null)
        throw new NotSent('This server was started without a folder for reports.', false)
      await means.folder.write(target.path, name, content)
      return null
    }
    if (means.email === null) throw new NotSent('This server was started without mail.', false)
    const figures = (await report.summary(asked)) as Readonly<Record<string, unknown>>
    const about = { report: reportLabels[schedule.report], ...days, figures, link: parts.publicUrl }
    const letter = letterOf(
      { id: delivery.id, to: target.to, subject: schedule.subject, name, content },
      about,
    )
    const { refused } = await means.email.send(letter)
    return refused.length === 0 ? null : `Not taken by the mail server: ${refused.join(', ')}`
  } catch (error) {
    return error instanceof NotSent ? error : new NotSent(messageOf(error), false)
  }
}

/** Only what is still ours to finish: another server may have given it up meanwhile. */
async function finish(
  parts: ReportParts,
  tx: Tx,
  taken: Taken,
  failure: NotSent | string | null,
): Promise<void> {
  const { store, clock, ledger } = parts
  const { id, attempts, period } = taken.delivery
  const now = clock.now()
  const row = await store.delivery(id, tx)
  if (row?.state !== 'sending' || row.taken_at !== taken.takenAt) return
  if (!(failure instanceof NotSent)) {
    const sent = { state: 'sent', last_error: failure, next_try_at: null, sent_at: now } as const
    await store.changeDelivery(tx, id, sent)
    const { id: schedule, report, target } = taken.schedule
    const body = { report, period, target: JSON.parse(target) }
    const subject = `report-schedule:${schedule}`
    await ledger.append(tx, { type: 'report.delivered', actor: serverActor, subject, body })
    return
  }
  const wait = retryMinutes[attempts - 1]
  const state = failure.isUncertain ? 'uncertain' : wait === undefined ? 'failed' : 'waiting'
  const next_try_at = state === 'waiting' ? now + (wait ?? 0) * minuteMs : null
  await store.changeDelivery(tx, id, { state, last_error: failure.message, next_try_at, sent_at: null })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : 'It failed for an unknown reason.'
}
