import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { openDatabase } from '../../apps/server/src/db/database.ts'
import { programFigures } from '../../apps/server/src/db/program-figures.ts'

/** How much there is of everything. A session has 100 processes on average, of 25 different programs. */
export interface Amounts {
  readonly processes: number
  readonly computers: number
  readonly people: number
  readonly approvers: number
  readonly programs: number
  readonly days: number
}

const DAY_MS = 86_400_000
const PER_SESSION = 100
const ROWS_AT_ONCE = 50

/**
 * Fills the embedded database with sessions over some days before `nowMs`. The rows are inserted with the rules of the
 * engine away and the figures of programs computed once at the end, by the statements of the product's migration.
 */
export async function makeReportDatabase(
  file: string,
  amounts: Amounts,
  nowMs: number,
  say: (line: string) => void,
): Promise<void> {
  await (await openDatabase(file)).close()
  const db = new DatabaseSync(file)
  db.exec('pragma synchronous = off; pragma cache_size = -400000; pragma foreign_keys = off')
  const triggers = db.prepare("select name, sql from sqlite_schema where type = 'trigger'").all()
  for (const { name } of triggers) db.exec(`drop trigger ${name}`)
  db.exec('begin')
  const draw = drawing(20261122)
  insertComputers(db, amounts, nowMs)
  insertSessions(db, amounts, nowMs, draw, say)
  say('figures of programs')
  for (const statement of programFigures) db.exec(statement)
  db.exec('commit')
  for (const { sql } of triggers) db.exec(String(sql))
  db.close()
}

/** The same numbers in every run (mulberry32), from 0 up to 1. */
function drawing(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const computerId = (n: number) => n.toString(16).padStart(32, '0')
export const userId = (n: number) => `upn:user${n}@example.org`
export const approverId = (n: number) => `person:approver-${n}`
export const programPath = (n: number) =>
  n % 3 === 0 ? `/usr/bin/tool-${n}` : `/opt/vendor-${n % 40}/lib/program-${n}`

/** Few things make up most: rank 0 is drawn most often. */
function ranked(share: number, count: number): number {
  return Math.floor(count ** share) - 1
}

function insertComputers(db: DatabaseSync, { computers }: Amounts, nowMs: number): void {
  db.exec("insert into enrollment_token values ('token', 'bench', 0, 1, 1, 1, null)")
  const insert = inserting(db, 'device', 15)
  const facts = JSON.stringify({
    ...{
      hostname: 'computer',
      osFamily: 'linux',
      osName: 'Debian GNU/Linux',
      osVersion: '12',
      kernel: '6.1',
    },
    ...{ class: 'laptop', agentVersion: '0.1.0', users: [], weaknesses: [] },
  })
  for (let n = 0; n < computers; n++)
    insert.add([
      computerId(n),
      n,
      'token',
      'enrolled',
      'k',
      'x',
      `computer-${n}`,
      facts,
      0,
      0,
      1,
      nowMs,
      1,
      null,
      null,
    ])
  insert.end()
}

function insertSessions(
  db: DatabaseSync,
  amounts: Amounts,
  nowMs: number,
  draw: () => number,
  say: (line: string) => void,
): void {
  const requests = inserting(db, 'request', 18)
  const approvals = inserting(db, 'approval', 12)
  const sessions = inserting(db, 'session', 21)
  const processes = inserting(db, 'session_process', 15)
  const count = Math.ceil(amounts.processes / PER_SESSION)
  const startMs = nowMs - amounts.days * DAY_MS
  for (let n = 0; n < count; n++) {
    const at = startMs + Math.floor((n / count) * amounts.days * DAY_MS)
    const one = drawnSession(n, at, amounts, draw)
    requests.add(requestRow(one, 1, 'approved', n))
    if (n % 3 === 0) requests.add(requestRow(one, 2, n % 2 === 0 ? 'denied' : 'expired', count + n))
    approvals.add(approvalRow(one))
    sessions.add(sessionRow(one))
    insertProcesses(processes, one.id, at, one.size, amounts, draw)
    if ((n + 1) % Math.ceil(count / 10) === 0) say(`${n + 1} of ${count} sessions`)
  }
  for (const table of [requests, approvals, sessions, processes]) table.end()
}

const MINUTES = 15

interface Drawn {
  readonly n: number
  readonly id: string
  readonly atMs: number
  readonly endMs: number
  readonly user: number
  readonly device: string
  readonly approver: number
  /** How many processes. */
  readonly size: number
  readonly isByCode: boolean
}

function drawnSession(n: number, atMs: number, amounts: Amounts, draw: () => number): Drawn {
  const user = Math.floor(draw() * amounts.people)
  return {
    ...{ n, id: uuid(atMs, n), atMs, endMs: atMs + Math.floor(draw() * MINUTES * 60_000), user },
    device: computerId((user * 2 + (draw() < 0.2 ? 1 : 0)) % amounts.computers),
    approver: Math.floor(draw() * amounts.approvers),
    size: Math.max(1, Math.floor(draw() * 2 * PER_SESSION)),
    isByCode: n % 3 === 0,
  }
}

function requestRow(
  { n, id: session, atMs, user, device, isByCode }: Drawn,
  kind: 1 | 2,
  state: string,
  counter: number,
) {
  // What a session began from has its id as the computer's own.
  const [id, own] = [uuid(atMs, n, kind), kind === 1 ? session : uuid(atMs, n, 3)]
  const what = ['driver', 'printer', 'network', 'editor', 'kernel'][n % 5] ?? 'driver'
  const who = [userId(user), `user${user}`, 'session', `update the ${what} of ${n % 997}`, MINUTES]
  const times = [atMs - 60_000, atMs + DAY_MS, atMs]
  return [
    id,
    device,
    state,
    isByCode ? 'code' : 'network',
    own,
    'CODE',
    counter,
    0,
    1,
    ...who,
    `T-${n % 5000}`,
    ...times,
  ]
}

function approvalRow({ n, atMs, approver, isByCode }: Drawn) {
  const at = atMs - (n % 50) * 1000
  const by = [isByCode ? 'telephone' : 'network', approverId(approver), `Approver ${approver}`, at]
  return [
    uuid(atMs, n, 4),
    uuid(atMs, n, 1),
    'approved',
    ...by,
    MINUTES,
    1,
    '',
    isByCode ? 'called-back' : null,
    at,
  ]
}

function sessionRow({ n, id, atMs, endMs, user, device, size, isByCode }: Drawn) {
  const credential = isByCode ? 'response-code' : 'answer-token'
  const kind = ['session', credential, atMs, atMs + MINUTES * 60_000, 1, 'kernel-audit', 0]
  const known = [n % 50 === 0 ? 'incomplete' : 'complete', size]
  const ended = [endMs, n % 4 === 0 ? 'expired' : 'ended-by-user', 1, '[]', size, 'fanotify']
  return [id, device, id, 'ended', userId(user), `user${user}`, ...kind, ...known, ...ended]
}

function insertProcesses(
  processes: Inserting,
  session: string,
  startMs: number,
  size: number,
  { programs }: Amounts,
  draw: () => number,
): void {
  const chosen = Array.from({ length: 25 }, () => ranked(draw(), programs))
  for (let seq = 0; seq < size; seq++) {
    const program = chosen[Math.floor(draw() * chosen.length)] ?? 0
    const path = programPath(program)
    const args = JSON.stringify([path, '--option', `/srv/data/file-${seq}`, '--verbose'])
    const digest = `${program.toString(16).padStart(8, '0')}${seq % 50 === 0 ? '1' : '0'}`.padEnd(64, 'a')
    const at = startMs + seq * 50
    processes.add([session, seq, 1000 + seq, at, 1, 0, path, args, 0, '/root', digest, at + 40, 0, null, 0])
  }
}

/** UUIDv7 by time and number; `kind` tells ids of one session apart. */
function uuid(ms: number, n: number, kind = 0): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-700${kind}-8000-${n.toString(16).padStart(12, '0')}`
}

interface Inserting {
  add(row: readonly SQLInputValue[]): void
  end(): void
}

function inserting(db: DatabaseSync, table: string, columns: number): Inserting {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`
  const many = db.prepare(
    `insert into ${table} values ${Array.from({ length: ROWS_AT_ONCE }, () => row).join(', ')}`,
  )
  const one = db.prepare(`insert into ${table} values ${row}`)
  let waiting: (readonly SQLInputValue[])[] = []
  return {
    add(values) {
      waiting.push(values)
      if (waiting.length < ROWS_AT_ONCE) return
      many.run(...waiting.flat())
      waiting = []
    },
    end() {
      for (const values of waiting) one.run(...values)
      waiting = []
    },
  }
}
