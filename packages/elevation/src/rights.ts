import type { Role } from './vocabulary.ts'

/** What a role may do. Every route of the API names one of these; a matrix test walks all routes with all roles. */
export const rights = [
  'see',
  'approve',
  'administer-devices',
  'administer-policy',
  'end-session',
  'read-ledger',
  'administer-people',
] as const
export type Right = (typeof rights)[number]

const rightsOf: Record<Role, readonly Right[]> = {
  owner: rights,
  administrator: ['see', 'approve', 'administer-devices', 'administer-policy', 'end-session', 'read-ledger'],
  approver: ['see', 'approve', 'end-session'],
  auditor: ['see', 'read-ledger'],
  viewer: ['see'],
}

export function may(role: Role, right: Right): boolean {
  return rightsOf[role].includes(right)
}
