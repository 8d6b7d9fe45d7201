import type { Device, RequestView } from '@stint/wire/console'
import { ago } from './world.ts'

export const callRequestId = '0192f000-0000-7000-8000-00000000dd04'

/** Three that wait, one of them known only by its code, and some that were decided. */
export function makeRequests(now: number, devices: readonly Device[]): RequestView[] {
  const request = (n: number, deviceAt: number, more: Partial<RequestView>): RequestView => {
    const device = devices[deviceAt]
    const user = device?.users[0]
    return {
      id: `0192f000-0000-7000-8000-00000000dd0${n}`,
      state: 'pending',
      source: 'network',
      device: { id: device?.id ?? '', name: device?.name ?? '', online: device?.online ?? false },
      userId: user?.userId ?? '',
      userName: user?.name ?? '',
      mode: 'session',
      reason: '',
      minutes: 15,
      ticket: null,
      createdAt: ago(now, 3),
      expiresAt: new Date(now + 23 * 3600_000).toISOString(),
      decision: null,
      sessionId: null,
      ceilingMinutes: 240,
      ...more,
    }
  }
  return [
    request(1, 0, {
      reason: 'Install the printer driver for the new office in Malmö',
      ticket: 'HELP-2291',
    }),
    request(2, 1, {
      reason: 'Month-end close: the tax client needs its yearly update before 14:00',
      minutes: 45,
      createdAt: ago(now, 11),
    }),
    request(4, 3, {
      source: 'code',
      reason: null,
      minutes: null,
      createdAt: ago(now, 1),
    }),
    decidedRequest(request, now),
    request(6, 1, {
      state: 'denied',
      reason: 'please',
      createdAt: ago(now, 60 * 26),
      decision: {
        by: 'Aisha Rahman',
        at: ago(now, 60 * 26 - 3),
        outcome: 'denied',
        minutes: null,
        endProcesses: null,
        note: 'Please say what you need it for; the scanner software is in the software shop already.',
        callerCheck: null,
        carried: 'network',
      },
    }),
    request(7, 0, { state: 'expired', reason: 'Change the time zone', createdAt: ago(now, 60 * 50) }),
    request(8, 5, { state: 'withdrawn', reason: 'Update VPN client', createdAt: ago(now, 60 * 70) }),
  ]
}

function decidedRequest(
  request: (n: number, deviceAt: number, more: Partial<RequestView>) => RequestView,
  now: number,
): RequestView {
  return request(9, 2, {
    state: 'approved',
    source: 'code',
    reason: 'Replace the label printer firmware',
    minutes: 30,
    createdAt: ago(now, 14),
    sessionId: '0192f000-0000-7000-8000-00000000cc01',
    decision: {
      by: 'Tomasz Nowak',
      at: ago(now, 13),
      outcome: 'approved',
      minutes: 30,
      endProcesses: true,
      note: '',
      callerCheck: 'called-back',
      carried: 'telephone',
    },
  })
}
