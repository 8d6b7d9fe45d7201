import type { Right, Role } from '@stint/elevation'

/** What a role is for, in one sentence. */
export const roleTexts: Record<Role, string> = {
  owner: 'Everything, also people and API tokens.',
  administrator: 'Computers, policy and decisions; reads the ledger.',
  approver: 'Decides requests, answers codes, ends sessions.',
  auditor: 'Sees everything, reads the ledger, takes evidence away and acknowledges findings.',
  viewer: 'Sees requests, sessions and computers; changes nothing.',
}

/** What an API token may be given. */
export const rightTexts: Record<Right, string> = {
  see: 'See requests, sessions, computers and policy',
  approve: 'Decide requests and answer codes',
  'administer-devices': 'Enrol and revoke computers',
  'administer-policy': 'Change the policy',
  'end-session': 'End sessions',
  'read-ledger': 'Read the ledger and take evidence bundles',
  'acknowledge-findings': 'Acknowledge findings',
  'export-people-data': 'Export everything about one person',
  'read-reports': 'Read and export reports',
  'schedule-reports': 'Have reports sent by e-mail or into a folder',
  'administer-sinks': 'Have facts sent to other systems',
  'administer-people': 'Invite and change people, make tokens',
}
