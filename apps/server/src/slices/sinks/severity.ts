import type { LedgerType } from '@stint/elevation'

/** Severities of RFC 5424 that are used, with the number that OpenTelemetry gives the same (its appendix B). */
export const severities = {
  warning: { syslog: 4, otlp: 13, text: 'WARN' },
  notice: { syslog: 5, otlp: 10, text: 'INFO2' },
  info: { syslog: 6, otlp: 9, text: 'INFO' },
} as const
export type Severity = keyof typeof severities

/** `warning`: somebody should look. `notice`: rights, keys or rules changed. Everything else is `info`. */
const severityByType: Partial<Record<LedgerType | 'test', Severity>> = {
  'person.sign-in-refused': 'warning',
  'device.suspended': 'warning',
  'journal.refused': 'warning',
  'finding.made': 'warning',
  'owner.created': 'notice',
  'person.invited': 'notice',
  'person.joined': 'notice',
  'person.changed': 'notice',
  'api-token.created': 'notice',
  'api-token.revoked': 'notice',
  'enrollment-token.created': 'notice',
  'device.enrolled': 'notice',
  'device.revoked': 'notice',
  'device.released': 'notice',
  'device.healed': 'notice',
  'policy.changed': 'notice',
  'request.decided': 'notice',
  'code.issued': 'notice',
  'session.started': 'notice',
  'session.end-asked': 'notice',
  'session.ended': 'notice',
  'people-data.exported': 'notice',
  'sink.created': 'notice',
  'sink.changed': 'notice',
  'sink.deleted': 'notice',
}

export function severityOf(type: LedgerType | 'test'): Severity {
  return severityByType[type] ?? 'info'
}
