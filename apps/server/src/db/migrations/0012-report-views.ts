import { sql } from 'kysely'
import type { Step } from '../migrate.ts'

/**
 * For people who bring their own SQL: views whose columns stay as docs/operate/sql-views.md says, whatever becomes of
 * the tables. Times are milliseconds since 1970, UTC; flags are 0 or 1.
 */
export const reportViews: Step = async (db) => {
  for (const [name, query] of Object.entries(views))
    await sql.raw(`create view ${name} as ${query}`).execute(db)
}

const views = {
  report_computers: `select d.id as computer_id, d.name, d.state, d.enrolled_at, d.last_seen_at, d.revoked_at,
    d.policy_serial, d.facts from device d`,
  report_requests: `select r.id as request_id, r.state, r.source, r.device_id as computer_id, d.name as computer,
    r.user_id, r.user_name, r.mode, r.reason, r.ticket, r.minutes as minutes_asked, r.created_at, r.expires_at,
    r.ended_at, a.outcome, a.at as answered_at, a.approver as approver_id, a.approver_name as approver,
    a.minutes as minutes_granted, a.carried, a.caller_check, a.note,
    (select min(s.id) from session s
      where s.device_request_id = r.device_request_id and s.device_id = r.device_id) as session_id
    from request r join device d on d.id = r.device_id left join approval a on a.request_id = r.id`,
  report_sessions: `select s.id as session_id, s.state, s.device_id as computer_id, d.name as computer, s.user_id,
    s.user_name, s.mode, s.credential, s.started_at, s.ends_at, s.ended_at, s.end_reason, s.proven,
    s.completeness, s.processes, r.id as request_id, r.reason, r.ticket, a.approver as approver_id,
    a.approver_name as approver
    from session s join device d on d.id = s.device_id
    left join request r on r.device_request_id = s.device_request_id and r.device_id = s.device_id
    left join approval a on a.request_id = r.id`,
  report_processes: `select p.session_id, p.seq, s.device_id as computer_id, s.user_id, p.pid, p.parent_pid, p.uid,
    p.program, p.args, p.args_cut, p.redacted, p.directory, p.sha256, p.started_at, p.ended_at, p.exit_code, p.signal
    from session_process p join session s on s.id = p.session_id`,
  report_denied: `select n.session_id, n.seq, s.device_id as computer_id, s.user_id, n.at, n.pid, n.uid, n.program,
    n.args, n.args_cut, n.redacted, n.sha256, n.rule, n.repeated
    from session_denied n join session s on s.id = n.session_id`,
  report_programs: 'select program, starts, first_at as first_seen_at, last_at as last_seen_at from program',
}
