import type { Role } from './vocabulary.ts'

/** What a role may do. Every route of the API names one of these; a matrix test walks all routes with all roles. */
export const rights = [
  'see',
  'approve',
  'administer-devices',
  'administer-policy',
  'end-session',
  'read-ledger',
  'acknowledge-findings',
  'export-people-data',
  'read-reports',
  'schedule-reports',
  'administer-sinks',
  'administer-people',
] as const
export type Right = (typeof rights)[number]

const rightsOf: Record<Role, readonly Right[]> = {
  owner: rights,
  administrator: [
    'see',
    'approve',
    'administer-devices',
    'administer-policy',
    'end-session',
    'read-ledger',
    'acknowledge-findings',
    'read-reports',
    'schedule-reports',
    'administer-sinks',
  ],
  approver: ['see', 'approve', 'end-session', 'read-reports'],
  auditor: ['see', 'read-ledger', 'acknowledge-findings', 'export-people-data', 'read-reports'],
  viewer: ['see', 'read-reports'],
}

export function may(role: Role, right: Right): boolean {
  return rightsOf[role].includes(right)
}
