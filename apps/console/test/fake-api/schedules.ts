import type {
  Delivery,
  SavedFilter,
  SavedFilterBody,
  SavedFilterPatch,
  Schedule,
  ScheduleBody,
} from '@stint/wire/report-schedules'
import { type Call, found, type Route, refuse } from './call.ts'
import { ago, makeId, ownerId } from './world.ts'

export const scheduleRoutes: readonly Route[] = [
  ['GET', /^\/reports\/filters$/, ({ world }) => ({ items: world.filters })],
  ['POST', /^\/reports\/filters$/, saveFilter],
  ['PATCH', /^\/reports\/filters\/([^/]+)$/, changeFilter],
  ['DELETE', /^\/reports\/filters\/([^/]+)$/, deleteFilter],
  [
    'GET',
    /^\/reports\/delivery$/,
    () => ({ email: { host: 'mail.example.org', from: 'stint@example.org' }, folder: true }),
  ],
  ['GET', /^\/reports\/schedules$/, ({ world }) => ({ items: world.schedules })],
  ['POST', /^\/reports\/schedules$/, makeSchedule],
  ['PUT', /^\/reports\/schedules\/([^/]+)$/, changeSchedule],
  [
    'DELETE',
    /^\/reports\/schedules\/([^/]+)$/,
    ({ world, params }) => {
      found(world.schedules.find(({ id }) => id === params[0]))
      world.schedules = world.schedules.filter(({ id }) => id !== params[0])
    },
  ],
  ['POST', /^\/reports\/schedules\/([^/]+)\/send$/, sendNow],
  ['GET', /^\/reports\/schedules\/([^/]+)\/deliveries$/, deliveries],
  ['POST', /^\/reports\/deliveries\/([^/]+)\/send$/, sendAgain],
]

function saveFilter({ world, body }: Call) {
  const wish = body as unknown as SavedFilterBody
  if (world.filters.some(({ name, report, own }) => own && name === wish.name && report === wish.report)) {
    refuse(
      409,
      'conflict',
      'Somebody changed this at the same time.',
      'You have a filter of that name; choose another one.',
    )
  }
  const saved: SavedFilter = {
    id: makeId(world),
    ...wish,
    owner: { id: ownerId, name: 'Ingrid Berg' },
    own: true,
    changedAt: new Date(world.now()).toISOString(),
  }
  world.filters.push(saved)
  return saved
}

function changeFilter({ world, params, body }: Call) {
  const at = world.filters.findIndex(({ id, own }) => own && id === params[0])
  const now = { ...found(world.filters[at]), ...(body as unknown as SavedFilterPatch) }
  world.filters[at] = now
  return now
}

function deleteFilter({ world, params }: Call) {
  const { id } = found(world.filters.find((one) => one.id === params[0]))
  if (world.schedules.some(({ filterId }) => filterId === id)) {
    refuse(
      409,
      'conflict',
      'Somebody changed this at the same time.',
      'A schedule uses this filter. Change or delete the schedule first.',
    )
  }
  world.filters = world.filters.filter((one) => one.id !== id)
}

function withName(world: Call['world'], wish: ScheduleBody) {
  const filterName = world.filters.find(({ id }) => id === wish.filterId)?.name ?? null
  return { ...wish, filterName, nextDueAt: wish.enabled ? ago(world.now(), -60 * 9) : null }
}

function makeSchedule({ world, body }: Call) {
  const wish = body as unknown as ScheduleBody
  const made: Schedule = {
    id: makeId(world),
    ...withName(world, wish),
    createdBy: 'Ingrid Berg',
    createdAt: new Date(world.now()).toISOString(),
    lastDelivery: null,
  }
  world.schedules.push(made)
  return made
}

function changeSchedule({ world, params, body }: Call) {
  const at = world.schedules.findIndex(({ id }) => id === params[0])
  const now = { ...found(world.schedules[at]), ...withName(world, body as unknown as ScheduleBody) }
  world.schedules[at] = now
  return now
}

function sendNow({ world, params }: Call) {
  const schedule = found(world.schedules.find(({ id }) => id === params[0]))
  const sent = delivery(world.now(), schedule.id, { test: true, id: makeId(world) })
  schedule.lastDelivery = sent
  return sent
}

function deliveries({ world, params }: Call) {
  const schedule = found(world.schedules.find(({ id }) => id === params[0]))
  const older = delivery(world.now() - 7 * 86_400_000, schedule.id, {
    id: '0192f000-0000-7000-8000-0000000de001',
  })
  return { items: [...(schedule.lastDelivery ? [schedule.lastDelivery] : []), older], cursor: null }
}

function sendAgain({ world, params }: Call) {
  const schedule = found(world.schedules.find(({ lastDelivery }) => lastDelivery?.id === params[0]))
  const sent = delivery(world.now(), schedule.id, { id: params[0] ?? '' })
  schedule.lastDelivery = sent
  return sent
}

function delivery(now: number, scheduleId: string, more: Partial<Delivery>): Delivery {
  return {
    id: '',
    scheduleId,
    test: false,
    from: ago(now, 60 * 24 * 7),
    to: ago(now, 0),
    dueAt: ago(now, 5),
    state: 'sent',
    attempts: 1,
    lastError: null,
    nextTryAt: null,
    sentAt: ago(now, 4),
    ...more,
  }
}

export function makeFilters(now: number): SavedFilter[] {
  const saved = (n: number, more: Partial<SavedFilter>): SavedFilter => ({
    id: `0192f000-0000-7000-8000-0000000f100${n}`,
    name: '',
    report: 'usage',
    filter: {},
    shared: true,
    owner: { id: ownerId, name: 'Ingrid Berg' },
    own: true,
    changedAt: ago(now, 60 * 24),
    ...more,
  })
  return [
    saved(1, { name: 'Incomplete records', filter: { completeness: 'incomplete' } }),
    saved(2, {
      name: 'By telephone',
      filter: { credential: 'response-code' },
      own: false,
      owner: { id: '0192f000-0000-7000-8000-00000000aa03', name: 'Klara Vogel' },
    }),
    saved(3, { name: 'Denied requests', report: 'requests', filter: { state: 'denied' }, shared: false }),
  ]
}

export function makeSchedules(now: number): Schedule[] {
  const schedule = (n: number, more: Partial<Schedule>): Schedule => {
    const id = `0192f000-0000-7000-8000-00000005c00${n}`
    return {
      id,
      name: '',
      report: 'usage',
      filterId: null,
      filterName: null,
      when: { every: 'weekly', weekday: 1, time: '07:00', zone: 'Europe/Stockholm' },
      target: { kind: 'email', to: ['revision@example.org', 'it-security@example.org'] },
      format: 'csv',
      subject: '{report}, {from} to {to}',
      enabled: true,
      createdBy: 'Ingrid Berg',
      createdAt: ago(now, 60 * 24 * 20),
      nextDueAt: ago(now, -60 * 30),
      lastDelivery: delivery(now, id, { id: `0192f000-0000-7000-8000-0000000de01${n}` }),
      ...more,
    }
  }
  const failing = schedule(2, {
    name: 'Requests of the day',
    report: 'requests',
    when: { every: 'daily', time: '06:30', zone: 'UTC' },
  })
  return [
    schedule(1, {
      name: 'Incomplete records, every Monday',
      filterId: '0192f000-0000-7000-8000-0000000f1001',
      filterName: 'Incomplete records',
    }),
    {
      ...failing,
      lastDelivery: delivery(now, failing.id, {
        id: '0192f000-0000-7000-8000-0000000de012',
        state: 'waiting',
        attempts: 3,
        lastError: 'The mail server mail.example.org did not answer within 30 seconds.',
        nextTryAt: ago(now, -14),
        sentAt: null,
      }),
    },
    schedule(3, {
      name: 'Computers, monthly',
      report: 'computers',
      when: { every: 'monthly', day: 1, time: '05:00', zone: 'Europe/Stockholm' },
      target: { kind: 'folder', path: 'audit/computers' },
      format: 'json',
      enabled: false,
      nextDueAt: null,
      lastDelivery: null,
    }),
  ]
}
