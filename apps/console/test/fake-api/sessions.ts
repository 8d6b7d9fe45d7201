import type { Device, RequestView, SessionDetail, SessionSummary } from '@stint/wire/console'
import type { Finding } from '@stint/wire/findings'
import { findingsOf } from './findings.ts'
import { ago, type Process } from './world.ts'

export const liveSessionId = '0192f000-0000-7000-8000-00000000cc01'
/** Complete, with denied starts and changes. */
export const changedSessionId = '0192f000-0000-7000-8000-00000000cc03'
export const gappedSessionId = '0192f000-0000-7000-8000-00000000cc04'

/** Two live, three past: complete, incomplete with something still running, and not yet reported. */
export function makeSessions(
  now: number,
  devices: readonly Device[],
  requests: readonly RequestView[],
  findings: readonly Finding[],
): SessionDetail[] {
  const request = requests.find(({ sessionId }) => sessionId === liveSessionId) ?? null
  const summary = (n: number, deviceAt: number, more: Partial<SessionSummary>): SessionSummary => {
    const device = devices[deviceAt]
    return {
      id: `0192f000-0000-7000-8000-00000000cc0${n}`,
      state: 'ended',
      device: { id: device?.id ?? '', name: device?.name ?? '' },
      userId: device?.users[0]?.userId ?? '',
      userName: device?.users[0]?.name ?? '',
      mode: 'session',
      credential: 'answer-token',
      reason: '',
      ticket: null,
      approvedBy: 'Tomasz Nowak',
      startedAt: ago(now, 60 * 24),
      endsAt: ago(now, 60 * 24 - 15),
      endedAt: ago(now, 60 * 24 - 9),
      endReason: 'ended-by-user',
      processes: 3,
      completeness: 'complete',
      overdue: false,
      requestId: null,
      ...more,
    }
  }
  const live = summary(1, 2, {
    state: 'live',
    credential: 'response-code',
    reason: 'Replace the label printer firmware',
    startedAt: ago(now, 12),
    endsAt: ago(now, -18),
    endedAt: null,
    endReason: null,
    processes: 9,
    completeness: 'not-yet-reported',
    requestId: request?.id ?? null,
  })
  const soon = summary(2, 5, {
    state: 'live',
    reason: 'Certificate for the VPN has to go into the system store',
    approvedBy: 'Aisha Rahman',
    startedAt: ago(now, 13),
    endsAt: ago(now, -2),
    endedAt: null,
    endReason: null,
    processes: 2,
    completeness: 'not-yet-reported',
  })
  const past = [
    summary(3, 0, { reason: 'Update the scanner software', ticket: 'HELP-2274' }),
    summary(4, 1, {
      reason: 'Repair the accounting database',
      endReason: 'expired',
      completeness: 'incomplete',
      startedAt: ago(now, 60 * 50),
      endsAt: ago(now, 60 * 50 - 45),
      endedAt: ago(now, 60 * 50 - 45),
      processes: 1284,
    }),
    summary(5, 3, {
      reason: null,
      credential: 'response-code',
      approvedBy: 'Ingrid Berg',
      endReason: 'reboot',
      completeness: 'not-yet-reported',
      processes: 0,
    }),
  ]
  return [live, soon, ...past].map((entry) => ({
    ...detailOf(entry, entry.id === live.id ? request : null),
    findings: findings.filter(({ sessionId }) => sessionId === entry.id),
  }))
}

function detailOf(summary: SessionSummary, request: RequestView | null): Omit<SessionDetail, 'findings'> {
  const isGapped = summary.id === gappedSessionId
  const isChanged = summary.id === changedSessionId
  const start = Date.parse(summary.startedAt)
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
  const by = summary.approvedBy ?? 'policy'
  const timeline: SessionDetail['timeline'] = [
    {
      at: at(-120),
      where: 'computer',
      type: 'request.created',
      who: summary.userName,
      text: 'Asked for administrator rights',
    },
    {
      at: at(-75),
      where: 'server',
      type: 'request.resolved',
      who: by,
      text: 'Request code typed in and recognised',
    },
    {
      at: at(-60),
      where: 'server',
      type: 'caller.checked',
      who: by,
      text: 'Called back the number in the directory',
    },
    { at: at(-58), where: 'server', type: 'request.decided', who: by, text: 'Approved for 30 minutes' },
    { at: at(-57), where: 'server', type: 'code.issued', who: by, text: 'Response code shown' },
    {
      at: at(-1),
      where: 'computer',
      type: 'grant.admitted',
      who: summary.userName,
      text: 'Response code accepted',
    },
    { at: at(0), where: 'computer', type: 'session.start', who: summary.userName, text: 'Rights raised' },
  ]
  if (isChanged) {
    timeline.push({
      at: at(240),
      where: 'computer',
      type: 'rights.changed-elsewhere',
      who: summary.device.name,
      text: 'Somebody else made the person an administrator.',
    })
  }
  if (summary.endedAt) {
    timeline.push({
      at: summary.endedAt,
      where: 'computer',
      type: 'session.end',
      who: summary.userName,
      text: 'Rights taken away and proven gone',
    })
  }
  return {
    summary,
    request,
    endProcesses: true,
    recording: 'process connector and audit',
    wasAdministrator: false,
    ...findingsOf(summary, isChanged ? 'some' : isGapped ? 'nothing' : 'not-compared'),
    proven: summary.endedAt === null ? null : true,
    stillRunning: isGapped ? [{ pid: 8123, startedAt: at(300), program: '/usr/bin/screen' }] : [],
    verdict: {
      causes: isGapped
        ? [{ from: 391, to: 392, text: 'The computer itself says that it could not record everything.' }]
        : [],
      sealing: summary.state === 'ended' ? 'sealed' : 'waiting',
    },
    bundle: summary.completeness !== 'not-yet-reported',
    gaps: isGapped ? [{ from: at(600), to: at(612), cause: 'The kernel’s buffer was full under load' }] : [],
    timeline,
  }
}

/** Programs of the sessions that have any, oldest first. */
export function makeProcesses(now: number): Record<string, Process[]> {
  const start = now - 12 * 60_000
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString()
  const process = (
    pid: number,
    parentPid: number,
    line: string,
    from: number,
    to: number | null,
  ): Process => {
    const args = line.split(' ')
    return {
      pid,
      parentPid,
      uid: 0,
      program: args[0] ?? '',
      args,
      argsCut: false,
      redacted: 0,
      directory: '/home/j.sato',
      sha256: 'b7e1a3c98f0d2b5566c1de0f7a4420b8f0c2c1d7a1f25b8893c7b0a4ee2d91f3',
      startedAt: at(from),
      endedAt: to === null ? null : at(to),
      exitCode: to === null ? null : 0,
      signal: null,
    }
  }
  const failed = { ...process(4130, 4102, '/usr/bin/dpkg --configure -a', 95, 97), exitCode: 1 }
  const killed = {
    ...process(4171, 4150, '/usr/bin/fwupdtool monitor', 330, 334),
    exitCode: null,
    signal: 'SIGTERM',
  }
  return {
    [liveSessionId]: [
      process(4100, 3001, '/usr/bin/sudo apt-get install ./label-printer-firmware_2.4_amd64.deb', 20, 96),
      process(4102, 4100, '/usr/bin/apt-get install ./label-printer-firmware_2.4_amd64.deb', 21, 96),
      process(4110, 4102, '/usr/bin/dpkg --status-fd 22 --unpack --auto-deconfigure firmware.deb', 40, 62),
      process(4119, 4110, '/bin/sh /var/lib/dpkg/info/label-printer-firmware.preinst upgrade 2.3', 44, 51),
      failed,
      process(4150, 3001, '/usr/bin/sudo -i', 300, null),
      process(4155, 4150, '/bin/bash', 301, null),
      process(4160, 4155, '/usr/sbin/lpadmin -p LABEL01 -v usb://Zebra/ZD420 -E', 318, 319),
      killed,
    ],
    '0192f000-0000-7000-8000-00000000cc02': [
      process(900, 800, '/usr/bin/sudo cp vpn.crt /usr/local/share/ca-certificates/', 10, 10),
      process(905, 800, '/usr/bin/sudo update-ca-certificates', 22, 25),
    ],
    [changedSessionId]: [
      { ...process(700, 600, '/usr/bin/mysqldump --password=[redacted] accounts', 10, 14), redacted: 1 },
    ],
  }
}
