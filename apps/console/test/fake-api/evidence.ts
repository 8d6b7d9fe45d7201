import type { Device } from '@stint/wire/console'
import type { Finding } from '@stint/wire/findings'
import { type Call, found, type Route, refuse } from './call.ts'
import { gappedSessionId } from './sessions.ts'
import { ago } from './world.ts'

export const evidenceRoutes: readonly Route[] = [
  ['GET', /^\/findings$/, list],
  ['POST', /^\/findings\/([^/]+)\/acknowledge$/, acknowledge],
]

function list({ world, query }: Call) {
  const asked = (name: string, value: string) => [null, value].includes(query.get(name))
  const items = world.findings.filter(
    ({ acknowledged, device, code }) =>
      asked('state', acknowledged ? 'acknowledged' : 'open') &&
      asked('device', device.id) &&
      asked('code', code),
  )
  return { items, cursor: null }
}

function acknowledge({ world, params, body, publish }: Call) {
  const finding = found(world.findings.find(({ id }) => id === params[0]))
  if (finding.acknowledged) {
    refuse(409, 'conflict', 'Somebody changed this at the same time.', 'It was acknowledged already.')
  }
  finding.acknowledged = { by: 'Ingrid Berg', at: new Date(world.now()).toISOString(), note: body.note }
  publish('findings')
  return finding
}

/** Two open ones, one of them about a session; one acknowledged. */
export function makeFindings(now: number, devices: readonly Device[]): Finding[] {
  const finding = (n: number, deviceAt: number, more: Partial<Finding>): Finding => ({
    id: `0192f000-0000-7000-8000-00000000ff0${n}`,
    code: 'E1',
    word: 'entry-gap',
    device: { id: devices[deviceAt]?.id ?? '', name: devices[deviceAt]?.name ?? '' },
    sessionId: null,
    from: 812,
    to: 815,
    foundAt: ago(now, 95 * n),
    details: {},
    acknowledged: null,
    ...more,
  })
  return [
    finding(1, 1, {
      code: 'E7',
      word: 'lowered-late',
      sessionId: gappedSessionId,
      from: 408,
      to: 408,
      details: { lateSeconds: 312, grantedSeconds: 2700 },
    }),
    finding(2, 3, { code: 'E8', word: 'silent', details: { lastSeenAt: null } }),
    finding(3, 0, {
      code: 'E4',
      word: 'code-never-seen',
      from: 77,
      to: 77,
      details: { counter: 19 },
      acknowledged: {
        by: 'Klara Vogel',
        at: ago(now, 60 * 20),
        note: 'The caller hung up; the code was never typed. Checked with her.',
      },
    }),
  ]
}
