import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { refused } from '@stint/elevation'
import { pino } from 'pino'
import { systemClock, systemTimers } from '../../apps/server/src/clock.ts'
import { type Database, openDatabase, type Reader } from '../../apps/server/src/db/database.ts'
import { createServer, type Server } from '../../apps/server/src/index.ts'
import { approverId, computerId, makeReportDatabase, programPath, userId } from './report-database.ts'
import { round } from './spread.ts'

/**
 * Aim: a report's rows or summary within 200 ms, 95 of 100 times, over 5 million processes on the embedded database.
 * Each case is asked over HTTP of a server in this process, and its own SQL alone on a second connection.
 */
const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    processes: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '40' },
    database: { type: 'string' },
  },
})
const amounts = {
  ...{ processes: Number(values.processes), computers: 2000, people: 3000, approvers: 50 },
  ...{ programs: 800, days: 400 },
}
const rounds = Number(values.rounds)

const folder = mkdtempSync(join(tmpdir(), 'stint-reports-'))
/** `--database FILE` keeps it, and takes it as it is the next time. */
const file = values.database ?? join(folder, 'stint.db')
const say = (line: string) => console.error(line)

/** The same question about another thing in each round, so that nothing is answered from the last one. */
type Case = readonly [name: string, path: (n: number) => string]
const now = systemClock.now()
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString()
const last = (days: number, n: number) => `from=${new Date(now - days * 86_400_000 - n * 1000).toISOString()}`
const user = (n: number) => encodeURIComponent(userId((n * 37) % amounts.people))
const device = (n: number) => computerId((n * 41) % amounts.computers)
const program = (n: number) => encodeURIComponent(programPath((n * 7) % amounts.programs))
const cases: readonly Case[] = [
  ['usage, newest', (n) => `usage?limit=${50 + (n % 2)}`],
  ['usage, last 30 days', (n) => `usage?${last(30, n)}`],
  ['usage, a computer', (n) => `usage?device=${device(n)}`],
  ['usage, a user', (n) => `usage?user=${user(n)}`],
  ['usage, an approver', (n) => `usage?approver=${encodeURIComponent(approverId(n % 50))}`],
  ['usage, response codes', (n) => `usage?credential=response-code&${last(90, n)}`],
  ['usage, incomplete', (n) => `usage?completeness=incomplete&${last(90, n)}`],
  ['usage, a program', (n) => `usage?program=${program(n)}`],
  ['usage, a text, 90 days', (n) => `usage?text=${n * 7}&${last(90, n)}`],
  ['usage, a text, ever', (n) => `usage?text=zebra${n}`],
  ['usage, most processes, ever', (n) => `usage?sort=-processes&limit=${50 + (n % 2)}`],
  ['usage summary, 30 days', (n) => `usage/summary?${last(30, n)}`],
  ['usage summary, 90 days', (n) => `usage/summary?${last(90, n)}`],
  ['usage summary, ever', () => 'usage/summary'],
  ['usage summary, a computer', (n) => `usage/summary?device=${device(n)}`],
  ['usage summary, an approver', (n) => `usage/summary?approver=${encodeURIComponent(approverId(n % 50))}`],
  ['processes, newest', (n) => `processes?limit=${50 + (n % 2)}`],
  ['processes, a program', (n) => `processes?program=${program(n)}`],
  ['processes, a computer', (n) => `processes?device=${device(n)}`],
  ['requests, newest', (n) => `requests?limit=${50 + (n % 2)}`],
  ['requests, denied, 30 days', (n) => `requests?state=denied&${last(30, n)}`],
  ['requests summary, 30 days', (n) => `requests/summary?${last(30, n)}`],
  ['requests summary, 90 days', (n) => `requests/summary?${last(90, n)}`],
  ['requests summary, ever', () => 'requests/summary'],
  ['programs, ever', (n) => `programs?limit=${50 + (n % 2)}`],
  ['programs, last 30 days', (n) => `programs?${last(30, n)}`],
  ['programs, last 90 days', (n) => `programs?${last(90, n)}`],
  ['programs, a month that is over', (n) => `programs?from=${daysAgo(90 + n)}&to=${daysAgo(60 + n)}`],
  ['programs, a computer', (n) => `programs?device=${device(n)}`],
  ['programs, a user', (n) => `programs?user=${user(n)}`],
  [
    'programs, an approver, 90 days',
    (n) => `programs?approver=${encodeURIComponent(approverId(n % 50))}&${last(90, n)}`,
  ],
  ['programs, most people, ever', (n) => `programs?sort=-people&limit=${50 + (n % 2)}`],
  ['programs summary, 30 days', (n) => `programs/summary?${last(30, n)}`],
  ['programs summary, ever', () => 'programs/summary'],
  ['computers', (n) => `computers?limit=${50 + (n % 2)}`],
  ['computers, most sessions, 30 days', (n) => `computers?sort=-sessions&${last(30, n)}`],
  ['computers summary', () => 'computers/summary'],
  ['effective policy', (n) => `effective-policy?limit=${50 + (n % 2)}`],
]

interface Query {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** A database that remembers the SQL of its questions. */
function listening(db: Database, heard: Query[]): Database {
  const read: Reader = db.read.withPlugin({
    transformQuery({ node, queryId }) {
      heard.push(db.read.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { ...db, read }
}

async function main(): Promise<void> {
  const started = systemClock.now()
  if (!existsSync(file)) await makeReportDatabase(file, amounts, now, say)
  const made = Math.round((systemClock.now() - started) / 1000)
  say(`${amounts.processes} processes in ${made} s, ${Math.round(statSync(file).size / 2 ** 20)} MiB`)
  const heard: Query[] = []
  const db = await openDatabase(file)
  const issuer = { call: async () => refused('issuer-unreachable') } as Parameters<
    typeof createServer
  >[0]['issuer']
  const server = await createServer({
    ...{ db: listening(db, heard), issuer, clock: systemClock, timers: systemTimers },
    random: (bytes) => randomBytes(bytes),
    log: pino({ level: 'silent' }),
    config: { publicUrl: 'http://127.0.0.1', consoleFolder: '/nonexistent', callsPerMinute: 1_000_000 },
  })
  const token = await tokenOf(server, db)
  const at = await server.app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${token}` }
  const bare = new DatabaseSync(file, { readOnly: true })
  const table = []
  for (const [name, path] of cases) {
    table.push(await measured(name, path, { at, headers, heard, bare }))
    say(`${name}: ${table.at(-1)?.['p95 ms']} ms`)
  }
  console.table(table)
  console.log(
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}, ${rounds} rounds each`,
  )
  bare.close()
  await server.close()
  await db.close()
}

/** A database that was kept has an owner already; each run makes a token of its own. */
async function tokenOf({ slices: { people } }: Server, { read }: Database): Promise<string> {
  await people.initialise('bench@example.org')
  const { id, email } = await read
    .selectFrom('person')
    .select(['id', 'email'])
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow()
  const rights = ['read-reports'] as const
  const owner = { kind: 'person', id, personId: id, email, label: 'bench', rights } as const
  const made = await people.createToken(owner, 'bench', rights, 1)
  if (made.ok) return made.value.secret
  throw new Error(made.refused.message)
}

interface Setting {
  readonly at: string
  readonly headers: Record<string, string>
  readonly heard: Query[]
  readonly bare: DatabaseSync
}

async function measured(name: string, path: Case[1], { at, headers, heard, bare }: Setting) {
  const [http, sql]: [number[], number[]] = [[], []]
  let rows = 0
  for (let n = -2; n < rounds; n++) {
    heard.length = 0
    const before = performance.now()
    const answer = await fetch(`${at}/api/v1/reports/${path(n + 2)}`, { headers })
    const body = (await answer.json()) as { readonly items?: unknown[] }
    const took = performance.now() - before
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${JSON.stringify(body)}`)
    rows = body.items?.length ?? 0
    const queries = heard.filter(({ sql: text }) => !/\b(?:api_token|person)\b/.test(text))
    const alone = performance.now()
    for (const { sql: text, parameters } of queries)
      bare.prepare(text).all(...(parameters as SQLInputValue[]))
    if (n < 0) continue
    http.push(took)
    sql.push(performance.now() - alone)
  }
  const [p50, p95] = [share(http, 0.5), share(http, 0.95)]
  return {
    report: name,
    rows,
    'p50 ms': p50,
    'p95 ms': p95,
    'SQL p50': share(sql, 0.5),
    'SQL p95': share(sql, 0.95),
  }
}

function share(taken: readonly number[], part: number): number {
  const sorted = [...taken].sort((a, b) => a - b)
  return round(sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN)
}

try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
