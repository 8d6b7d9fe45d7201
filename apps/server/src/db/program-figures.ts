/**
 * The figures of programs: what the engine does at each new process, and the same from all processes at once. Every
 * time is the start of the session, so that a period means the same in each report. SQL that both engines read.
 */
const dayMs = 86_400_000

/** `first_at` and `last_at` of a row, widened; nothing is written where they stay. */
const widen = (table: string, key: string) =>
  `on conflict (program, ${key}) do update set ` +
  `first_at = case when excluded.first_at < ${table}.first_at then excluded.first_at else ${table}.first_at end, ` +
  `last_at = case when excluded.last_at > ${table}.last_at then excluded.last_at else ${table}.last_at end ` +
  `where excluded.first_at < ${table}.first_at or excluded.last_at > ${table}.last_at`

const meet = (table: string, key: string, value: string) =>
  `insert into ${table} (program, ${key}, first_at, last_at) ` +
  `select new.program, ${value}, s.started_at, s.started_at from session s where s.id = new.session_id ` +
  widen(table, key)

export const countSessionProgram =
  'insert into session_program (session_id, program, starts) values (new.session_id, new.program, 1) ' +
  'on conflict (session_id, program) do update set starts = session_program.starts + 1'

export const countProgram: readonly string[] = [
  'insert into program (program, starts, first_at, last_at) ' +
    'select new.program, 1, s.started_at, s.started_at from session s where s.id = new.session_id ' +
    'on conflict (program) do update set starts = program.starts + 1, ' +
    'first_at = case when excluded.first_at < program.first_at then excluded.first_at else program.first_at end, ' +
    'last_at = case when excluded.last_at > program.last_at then excluded.last_at else program.last_at end',
  'insert into program_day (day, program, starts) ' +
    `select s.started_at / ${dayMs}, new.program, 1 from session s where s.id = new.session_id ` +
    'on conflict (day, program) do update set starts = program_day.starts + 1',
]

/** A file that could not be read has the empty text for its digest. */
export const meetVariant = meet('program_variant', 'sha256', "coalesce(new.sha256, '')")
export const meetPerson = meet('program_person', 'user_id', 's.user_id')
export const meetComputer = meet('program_computer', 'device_id', 's.device_id')

/** Fills the empty tables from the processes that are there. */
export const programFigures: readonly string[] = [
  'insert into session_program (session_id, program, starts) ' +
    'select session_id, program, count(*) from session_process group by session_id, program',
  'insert into program_variant (program, sha256, first_at, last_at) ' +
    "select p.program, coalesce(p.sha256, ''), min(s.started_at), max(s.started_at) from session_process p " +
    "join session s on s.id = p.session_id group by p.program, coalesce(p.sha256, '')",
  'insert into program (program, starts, first_at, last_at) ' +
    'select p.program, sum(p.starts), min(s.started_at), max(s.started_at) from session_program p ' +
    'join session s on s.id = p.session_id group by p.program',
  'insert into program_day (day, program, starts) ' +
    `select s.started_at / ${dayMs}, p.program, sum(p.starts) from session_program p ` +
    `join session s on s.id = p.session_id group by s.started_at / ${dayMs}, p.program`,
  'insert into program_person (program, user_id, first_at, last_at) ' +
    'select p.program, s.user_id, min(s.started_at), max(s.started_at) from session_program p ' +
    'join session s on s.id = p.session_id group by p.program, s.user_id',
  'insert into program_computer (program, device_id, first_at, last_at) ' +
    'select p.program, s.device_id, min(s.started_at), max(s.started_at) from session_program p ' +
    'join session s on s.id = p.session_id group by p.program, s.device_id',
]
