import type { ReportName } from '@stint/elevation'
import type {
  ComputersSummary,
  DeniedSummary,
  EffectivePolicySummary,
  ProcessesSummary,
  ProgramsSummary,
  RequestsSummary,
  UsageSummary,
} from '@stint/wire/reports'
import type { ReportRows } from './report-rows.ts'

type Rows<N extends ReportName> = ReportRows[N]
interface Named {
  readonly id: string
  readonly name: string
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
const distinct = (list: readonly string[]) => new Set(list).size

function shares(list: readonly (string | null)[]) {
  const counts = new Map<string, number>()
  for (const name of list) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count)
}

function top(list: readonly (Named | null)[]) {
  const names = new Map(list.flatMap((one) => (one ? [[one.id, one.name] as const] : [])))
  const counted = shares(list.map((one) => one?.id ?? null)).slice(0, 10)
  return counted.map(({ name: id, count }) => ({ id, name: names.get(id) ?? id, count }))
}

function perDay<Row, Counts>(
  rows: readonly Row[],
  at: (row: Row) => string,
  count: (rows: readonly Row[]) => Counts,
) {
  const days = Map.groupBy(rows, (row) => at(row).slice(0, 10))
  return [...days].sort().map(([day, of]) => ({ day, ...count(of) }))
}

function usage(rows: Rows<'usage'>): UsageSummary {
  const counted = (of: Rows<'usage'>) => ({
    sessions: of.length,
    processes: sum(of.map(({ processes }) => processes)),
    elevationSeconds: sum(of.map(({ elevationSeconds }) => elevationSeconds)),
  })
  return {
    ...counted(rows),
    people: distinct(rows.map(({ user }) => user.id)),
    computers: distinct(rows.map(({ computer }) => computer.id)),
    perDay: perDay(
      rows,
      ({ activatedAt }) => activatedAt,
      (of) => counted([...of]),
    ),
    credentials: shares(rows.map(({ credential }) => credential)),
    modes: shares(rows.map(({ mode }) => mode)),
    endReasons: shares(rows.map(({ endReason }) => endReason)),
    completeness: shares(rows.map(({ completeness }) => completeness)),
    topUsers: top(rows.map(({ user }) => user)),
    topComputers: top(rows.map(({ computer }) => computer)),
    topApprovers: top(rows.map(({ approvedBy }) => approvedBy)),
  }
}

function processes(rows: Rows<'processes'>): ProcessesSummary {
  return { processes: rows.length, sessions: distinct(rows.map(({ sessionId }) => sessionId)) }
}

function requests(rows: Rows<'requests'>): RequestsSummary {
  const state = (name: string, of: readonly Rows<'requests'>[number][] = rows) =>
    of.filter((row) => row.state === name).length
  const waits = rows.flatMap(({ answerSeconds }) => answerSeconds ?? []).sort((a, b) => a - b)
  const rank = (share: number) => waits[Math.max(0, Math.ceil(waits.length * share) - 1)] ?? null
  return {
    generated: rows.length,
    approved: state('approved'),
    denied: state('denied'),
    pending: state('pending'),
    withdrawn: state('withdrawn'),
    expired: state('expired'),
    void: state('void'),
    answered: waits.length,
    medianAnswerSeconds: rank(0.5),
    p95AnswerSeconds: rank(0.95),
    perDay: perDay(
      rows,
      ({ createdAt }) => createdAt,
      (of) => ({
        generated: of.length,
        approved: state('approved', of),
        denied: state('denied', of),
      }),
    ),
    topUsers: top(rows.map(({ user }) => user)),
    topComputers: top(rows.map(({ computer }) => computer)),
    topApprovers: top(rows.map(({ answeredBy }) => answeredBy)),
  }
}

function programs(rows: Rows<'programs'>): ProgramsSummary {
  return {
    programs: rows.length,
    starts: sum(rows.map(({ starts }) => starts)),
    top: rows.map(({ program, starts }) => ({ id: program, name: program, count: starts })),
    perDay: perDay(
      rows,
      ({ lastSeenAt }) => lastSeenAt,
      (of) => ({ starts: sum(of.map(({ starts }) => starts)) }),
    ),
    newest: rows.map(({ program, firstSeenAt }) => ({ program, firstSeenAt })),
  }
}

function denied(rows: Rows<'denied'>): DeniedSummary {
  return {
    denied: sum(rows.map(({ repeated }) => repeated + 1)),
    perDay: perDay(
      rows,
      ({ at }) => at,
      (of) => ({ denied: of.length }),
    ),
    topPrograms: top(rows.map(({ program }) => ({ id: program, name: program }))),
    topRules: top(rows.map(({ rule }) => (rule === null ? null : { id: rule, name: rule }))),
    topUsers: top(rows.map(({ user }) => user)),
    topComputers: top(rows.map(({ computer }) => computer)),
  }
}

function effectivePolicy(rows: Rows<'effective-policy'>): EffectivePolicySummary {
  const unknown = rows.filter(({ serial }) => serial === null).length
  const behind = rows.filter(({ serial, wanted }) => serial !== null && serial < wanted).length
  return { computers: rows.length, current: rows.length - unknown - behind, behind, unknown }
}

function computers(rows: Rows<'computers'>): ComputersSummary {
  return {
    computers: rows.length,
    online: rows.filter(({ online }) => online).length,
    withWeaknesses: rows.filter(({ weaknesses }) => weaknesses.length > 0).length,
    classes: shares(rows.map(({ computer }) => computer.class)),
    systems: shares(rows.map(({ computer }) => computer.os)),
    versions: shares(rows.map(({ agentVersion }) => agentVersion)),
    states: shares(rows.map(({ state }) => state)),
  }
}

export const summaries: { readonly [N in ReportName]: (rows: Rows<N>) => object } = {
  usage,
  processes,
  requests,
  programs,
  denied,
  'effective-policy': effectivePolicy,
  computers,
}
