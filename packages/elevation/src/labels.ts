import type {
  CallerCheck,
  ChangeKind,
  Completeness,
  Credential,
  DeliveryState,
  DeviceState,
  EndReason,
  Mode,
  ReportName,
  RequestState,
  Role,
  SessionState,
} from './vocabulary.ts'

/** The words on screen, in English. One entry for every member, checked by the type. */
export const modeLabels: Record<Mode, string> = {
  session: 'Whole session',
  application: 'One program',
}

export const credentialLabels: Record<Credential, string> = {
  'response-code': 'Response code',
  'answer-token': 'Approved online',
  passcode: 'Passcode',
  'emergency-code': 'Emergency code',
  'self-approval': 'Self-approved',
}

export const requestStateLabels: Record<RequestState, string> = {
  pending: 'Waiting',
  approved: 'Approved',
  denied: 'Denied',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
  void: 'Void',
}

export const sessionStateLabels: Record<SessionState, string> = { live: 'Live', ended: 'Ended' }

export const endReasonLabels: Record<EndReason, string> = {
  expired: 'Time was up',
  'ended-by-user': 'Ended by the user',
  'ended-by-administrator': 'Ended by an administrator',
  logoff: 'The user signed out',
  reboot: 'The computer restarted',
  'clock-tampering': 'The clock was moved',
  'policy-change': 'The policy changed',
  'removed-elsewhere': 'Somebody else took the rights away',
  'account-gone': 'The account was deleted',
  'denial-lost': 'Programs could no longer be denied',
  'raise-failed': 'The rights could not be given',
  'lowering-abandoned': 'The rights could not be proven gone',
}

export const completenessLabels: Record<Completeness, string> = {
  complete: 'Complete',
  incomplete: 'Incomplete',
  'not-yet-reported': 'Not yet reported',
}

export const deviceStateLabels: Record<DeviceState, string> = {
  enrolled: 'Enrolled',
  revoked: 'Revoked',
  suspended: 'Suspended',
}

export const roleLabels: Record<Role, string> = {
  owner: 'Owner',
  administrator: 'Administrator',
  approver: 'Approver',
  auditor: 'Auditor',
  viewer: 'Viewer',
}

export const callerCheckLabels: Record<CallerCheck, string> = {
  'called-back': 'I called back the number in the directory',
  'number-match': 'They confirmed a number I sent to their phone',
  'manager-confirmed': 'Their manager confirmed it',
  'in-person': 'They stand in front of me',
  'known-voice': 'I know their voice',
}

export const changeKindLabels: Record<ChangeKind, string> = {
  administrator: 'Administrators',
  account: 'Accounts',
  'ssh-key': 'SSH keys',
  sudoers: 'Rules of sudo',
  polkit: 'Rules of polkit',
  pam: 'Sign-in (PAM)',
  service: 'Services',
  'scheduled-job': 'Scheduled jobs',
  'set-uid': 'Set-uid programs',
  'file-capability': 'Programs with capabilities',
  'kernel-module': 'Kernel modules',
}

export const reportLabels: Record<ReportName, string> = {
  usage: 'Temporary Session Elevation Usage',
  processes: 'Processes launched',
  requests: 'Requests',
  programs: 'Elevated applications',
  denied: 'Denied starts',
  'effective-policy': 'Effective policy',
  computers: 'Computers',
}

export const deliveryStateLabels: Record<DeliveryState, string> = {
  waiting: 'Waiting',
  sending: 'Being sent',
  sent: 'Sent',
  failed: 'Failed',
  uncertain: 'Uncertain',
}
