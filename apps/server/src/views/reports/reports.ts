import { type ReportName, refuse } from '@stint/elevation'
import type { ReportFilter } from '@stint/wire/reports'
import { type Clock, msOf } from '../../clock.ts'
import { RefusedCall } from '../../http/problem.ts'
import { type ComputersParts, createComputersReport } from './computers-report.ts'
import { createDeniedReport } from './denied-report.ts'
import { createPolicyReport } from './policy-report.ts'
import { createProcessesReport } from './processes-report.ts'
import { createProgramsReport } from './programs-report.ts'
import type { Asked, Report } from './report.ts'
import { createRequestsReport } from './requests-report.ts'
import { createUsageReport } from './usage-report.ts'

export type Reports = ReturnType<typeof createReports>

/** Every report, by its name. */
export function createReports(parts: ComputersParts) {
  const { read } = parts
  return {
    usage: createUsageReport(read),
    processes: createProcessesReport(read),
    requests: createRequestsReport(read),
    programs: createProgramsReport(read),
    denied: createDeniedReport(read),
    'effective-policy': createPolicyReport(read),
    computers: createComputersReport(parts),
  } satisfies Record<ReportName, unknown>
}

/** One of them, where it does not matter which. */
export function reportNamed(reports: Reports, name: ReportName): Report<unknown, unknown> {
  return reports[name] as Report<unknown, unknown>
}

/** Refusal `invalid` for a day that does not exist, and for a period that ends before it begins. */
export function askedBy({ from, to, ...filter }: ReportFilter, clock: Clock): Asked {
  const fromMs = from === undefined ? null : timeOf('from', from)
  const toMs = to === undefined ? null : timeOf('to', to)
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw new RefusedCall(refuse('invalid'), { fields: { to: 'is not after the beginning' } })
  return { filter, fromMs, toMs, nowMs: clock.now() }
}

function timeOf(field: string, text: string): number {
  const ms = msOf(text)
  if (Number.isFinite(ms)) return ms
  throw new RefusedCall(refuse('invalid'), { fields: { [field]: 'is no day of the calendar' } })
}
