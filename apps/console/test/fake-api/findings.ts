import type { SessionDetail, SessionSummary } from '@stint/wire/console'

type Findings = Pick<SessionDetail, 'denying' | 'denied' | 'deniedCount' | 'changes'>
type Denied = SessionDetail['denied'][number]
type Change = NonNullable<SessionDetail['changes']>['items'][number]

/** What a session was kept from and what it changed: some of both, nothing of either, or not compared yet. */
export function findingsOf(summary: SessionSummary, found: 'some' | 'nothing' | 'not-compared'): Findings {
  const start = Date.parse(summary.startedAt)
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
  if (found === 'nothing') {
    return { denying: 'fanotify', denied: [], deniedCount: 0, changes: { items: [], unread: [], cut: false } }
  }
  if (found === 'not-compared') {
    return { denying: 'no rules', denied: [], deniedCount: 0, changes: null }
  }
  const unread = ['/etc/pam.d could not be read: permission denied']
  const denied = deniedStarts(at)
  return {
    denying: 'fanotify',
    denied,
    deniedCount: denied.length,
    changes: { items: changes(at), unread, cut: false },
  }
}

function deniedStarts(at: (seconds: number) => string): Denied[] {
  const denied = (seconds: number, line: string, more: Partial<Denied> = {}): Denied => {
    const args = line.split(' ')
    const [program = ''] = args
    const fact = { at: at(seconds), pid: 700 + seconds, uid: 0, program, args, argsCut: false, redacted: 0 }
    return { ...fact, rule: 'no-scanners', repeated: 0, ...more }
  }
  return [
    denied(30, '/usr/bin/nmap -sS 10.0.0.0/8'),
    denied(41, '/usr/bin/mysql --password=[redacted] accounts', {
      redacted: 1,
      rule: 'no-databases',
      repeated: 2,
    }),
    denied(60, '/home/ana.lindqvist/tool --help', { rule: null }),
    ...Array.from({ length: 7 }, (_, n) => denied(70 + n, `/usr/bin/nmap -p ${n} 10.0.0.${n}`)),
  ]
}

function changes(at: (seconds: number) => string): Change[] {
  const useradd = { pid: 731, startedAt: at(99), program: '/usr/sbin/useradd' }
  const dpkg = { pid: 733, startedAt: at(119), program: '/usr/bin/dpkg' }
  const bash = { pid: 712, startedAt: at(95), program: '/usr/bin/bash' }
  return [
    {
      kind: 'account',
      what: 'scanner',
      before: null,
      after: 'an account with uid 998 and the shell /usr/sbin/nologin',
      at: at(100),
      during: [useradd],
      undone: 'not-asked',
    },
    {
      kind: 'sudoers',
      what: '/etc/sudoers.d/scanner',
      before: null,
      after: 'a file of 42 bytes, owned by root',
      at: at(110),
      during: [bash],
      undone: 'undone',
    },
    {
      kind: 'service',
      what: 'scanner.service',
      before: 'not enabled',
      after: 'enabled',
      at: at(120),
      during: [dpkg, bash],
      undone: 'not-asked',
    },
    {
      kind: 'service',
      what: 'cups.service',
      before: 'a file of 310 bytes',
      after: null,
      at: null,
      during: [],
      undone: 'failed',
    },
  ]
}
