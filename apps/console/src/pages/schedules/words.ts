import { reportLabels } from '@stint/elevation'
import { dateText } from '@stint/ui'
import type { Schedule, ScheduleBody, ScheduleTarget, ScheduleTime } from '@stint/wire/report-schedules'

export const weekdays = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const

/** `Every Monday at 07:00`. */
export function whenText(when: ScheduleTime): string {
  if (when.every === 'daily') return `Every day at ${when.time}`
  if (when.every === 'weekly') return `Every ${weekdays[when.weekday - 1] ?? ''} at ${when.time}`
  return `On day ${when.day} of every month at ${when.time}`
}

/** What a delivery covers. */
export const coveredTexts: Readonly<Record<ScheduleTime['every'], string>> = {
  daily: 'the day before',
  weekly: 'the seven days before',
  monthly: 'the month before',
}

export function targetText(target: ScheduleTarget): string {
  if (target.kind === 'folder') return target.path === '' ? 'The report folder' : `Folder ${target.path}`
  const [first = '', ...more] = target.to
  return more.length === 0 ? first : `${first} and ${more.length} more`
}

/** The subject as it would read for the period before `now`. */
export function subjectPreview(
  subject: string,
  report: Schedule['report'],
  when: ScheduleTime,
  now: number,
): string {
  const DAY_MS = 86_400_000
  const days = { daily: 1, weekly: 7, monthly: 30 }[when.every]
  const day = (at: number) => dateText(at)
  return subject
    .replaceAll('{report}', reportLabels[report])
    .replaceAll('{from}', day(now - days * DAY_MS))
    .replaceAll('{to}', day(now - DAY_MS))
}

/** What to send back to change one thing of a schedule. */
export function bodyOf(schedule: Schedule): ScheduleBody {
  const { name, report, filterId, when, target, format, subject, enabled } = schedule
  return { name, report, filterId, when, target, format, subject, enabled }
}
