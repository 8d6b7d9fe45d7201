import {
  completeness,
  completenessLabels,
  credentialLabels,
  credentials,
  endReasonLabels,
  endReasons,
  modeLabels,
  modes,
  requestStateLabels,
  requestStates,
} from '@stint/elevation'
import type { ReportFilter } from '@stint/wire/reports'
import { exactPeriod, isDay, type PeriodSearch, periodBounds, periodChoice, periodPresets } from './period.ts'

/** Filters that are chosen besides the period. The names are those of the API and of the address. */
export const filterNames = [
  'text',
  'user',
  'device',
  'approver',
  'credential',
  'mode',
  'endReason',
  'completeness',
  'state',
  'program',
  'session',
] as const
export type FilterName = (typeof filterNames)[number]

export type ReportSearch = PeriodSearch & { readonly [K in FilterName]?: string } & { readonly sort?: string }

export const filterLabels: Readonly<Record<FilterName, string>> = {
  text: 'Text',
  user: 'User',
  device: 'Computer',
  approver: 'Approver',
  credential: 'How it was given',
  mode: 'Mode',
  endReason: 'Why it ended',
  completeness: 'Recording',
  state: 'State',
  program: 'Program',
  session: 'Session',
}

interface Choice {
  readonly value: string
  readonly label: string
}

const choicesOf = (list: readonly string[], labels: Readonly<Record<string, string>>): readonly Choice[] =>
  list.map((value) => ({ value, label: labels[value] ?? value }))

/** Filters with a closed list of choices. */
export const filterChoices: Partial<Record<FilterName, readonly Choice[]>> = {
  credential: choicesOf(credentials, credentialLabels),
  mode: choicesOf(modes, modeLabels),
  endReason: choicesOf(endReasons, endReasonLabels),
  completeness: choicesOf(completeness, completenessLabels),
  state: choicesOf(requestStates, requestStateLabels),
}

const searchNames = ['period', 'from', 'to', 'sort', ...filterNames] as const

/** What an address says, without what it may not say. A number in it is text like any other. */
export function readSearch(search: Readonly<Record<string, unknown>>): ReportSearch {
  const given = searchNames.flatMap((name): readonly (readonly [string, string])[] => {
    const value = search[name]
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    if (typeof text !== 'string' || text === '') return []
    if ((name === 'from' || name === 'to') && !isDay(text)) return []
    const choices = filterChoices[name as FilterName]
    if (choices && !choices.some((choice) => choice.value === text)) return []
    return [[name, text]]
  })
  return Object.fromEntries(given)
}

/** What to ask the server for, of the filters that this report has. */
export function filterOf(
  search: ReportSearch,
  has: readonly FilterName[],
  hasPeriod: boolean,
  now: number,
): ReportFilter {
  const chosen = has.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]]))
  return { ...(hasPeriod ? periodBounds(search, now) : {}), ...Object.fromEntries(chosen) }
}

/** The period in words: `Last 7 days`, `1 Nov 2026 to 22 Nov 2026`. */
export function periodText(search: ReportSearch, dayText: (day: string) => string): string {
  const choice = periodChoice(search)
  if (choice !== exactPeriod) return periodPresets.find(({ value }) => value === choice)?.label ?? ''
  const { from, to } = search
  if (from === undefined && to === undefined) return 'All time'
  if (from === undefined) return `Until ${dayText(to ?? '')}`
  return to === undefined ? `From ${dayText(from)}` : `${dayText(from)} to ${dayText(to)}`
}
