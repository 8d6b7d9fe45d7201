import type { Device } from '@stint/wire/console'
import { ago } from './world.ts'

/** Seven computers of different moods. */
export function makeDevices(now: number): Device[] {
  const device = (n: number, more: Partial<Device>): Device => ({
    id: `${n}d`.repeat(16).slice(0, 32),
    devNo: n,
    codePrefix: `0000${n}`,
    name: '',
    state: 'enrolled',
    os: 'Debian 12',
    class: 'Laptop',
    agentVersion: '0.1.0',
    online: true,
    lastSeenAt: ago(now, 0.4),
    enrolledAt: ago(now, 60 * 24 * 40),
    policySerial: 4,
    policyWanted: 4,
    users: [],
    weaknesses: [],
    liveSessions: 0,
    openRequests: 0,
    ...more,
  })
  const user = (uid: number, name: string) => ({ userId: `uid:${uid}:${name}`, name })
  return [
    device(1, {
      name: 'nb-lindqvist-04',
      users: [user(1000, 'ana.lindqvist')],
      openRequests: 1,
      os: 'Ubuntu 24.04',
    }),
    device(2, {
      name: 'ws-accounting-2',
      class: 'Workstation',
      users: [user(1000, 'b.okafor'), user(1001, 'm.duarte')],
      openRequests: 1,
      weaknesses: ['Graphical tools cannot be raised: polkit reads no rules here.'],
    }),
    device(3, {
      name: 'lab-printer-01',
      class: 'Workstation',
      users: [user(1003, 'j.sato')],
      liveSessions: 1,
    }),
    device(4, {
      name: 'nb-field-11',
      online: false,
      lastSeenAt: ago(now, 60 * 30),
      policySerial: 3,
      users: [user(1000, 'e.haddad')],
      openRequests: 1,
    }),
    device(5, { name: 'vdi-pool-17', class: 'Virtual', state: 'suspended', lastSeenAt: ago(now, 190) }),
    device(6, {
      name: 'nb-meyer-02',
      users: [user(1000, 'c.meyer')],
      liveSessions: 1,
      weaknesses: [
        'No sudo that ends rights by itself was found.',
        'Nothing is recorded: another program holds the audit system.',
      ],
    }),
    device(7, { name: 'old-kiosk', state: 'revoked', online: false, lastSeenAt: ago(now, 60 * 24 * 21) }),
  ]
}
