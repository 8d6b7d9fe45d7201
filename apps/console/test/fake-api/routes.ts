import type { Settings } from '@stint/wire/console'
import { type Call, found, type Route, refuse } from './call.ts'
import { codeRoutes } from './codes.ts'
import { evidenceRoutes } from './evidence.ts'
import { reportRoutes } from './reports.ts'
import { scheduleRoutes } from './schedules.ts'
import { sinkRoutes } from './sinks.ts'
import { makeId, type World } from './world.ts'

const page = (items: readonly unknown[]) => ({ items, cursor: null })

export const routes: readonly Route[] = [
  ['GET', /^\/me$/, ({ world }) => world.me],
  ['POST', /^\/sign-in$/, signIn],
  [
    'POST',
    /^\/sign-out$/,
    ({ world }) => {
      world.me = null
    },
  ],
  ['GET', /^\/join\/(.+)$/, joinInfo],
  ['POST', /^\/join\/(.+)$/, join],
  ['GET', /^\/overview$/, overview],
  [
    'GET',
    /^\/requests$/,
    ({ world, query }) =>
      page(world.requests.filter(({ state }) => [null, state].includes(query.get('state') as null))),
  ],
  [
    'GET',
    /^\/requests\/([^/]+)$/,
    ({ world, params }) => found(world.requests.find(({ id }) => id === params[0])),
  ],
  ['POST', /^\/requests\/([^/]+)\/(approve|deny)$/, decide],
  ...codeRoutes,
  [
    'GET',
    /^\/sessions$/,
    ({ world, query }) =>
      page(
        world.sessions
          .map(({ summary }) => summary)
          .filter(
            ({ state, device }) =>
              [null, state].includes(query.get('state') as null) &&
              [null, device.id].includes(query.get('device') as null),
          ),
      ),
  ],
  ['GET', /^\/sessions\/([^/]+)$/, ({ world, params }) => found(sessionOf(world, params[0]))],
  [
    'GET',
    /^\/sessions\/([^/]+)\/processes$/,
    ({ world, params }) => page(world.processes[params[0] ?? ''] ?? []),
  ],
  ['POST', /^\/sessions\/([^/]+)\/end$/, endSession],
  ['GET', /^\/devices$/, ({ world }) => page(world.devices)],
  [
    'GET',
    /^\/devices\/([^/]+)$/,
    ({ world, params }) => found(world.devices.find(({ id }) => id === params[0])),
  ],
  ['POST', /^\/devices\/([^/]+)\/(revoke|release)$/, deviceAction],
  ['GET', /^\/enrollment-tokens$/, ({ world }) => page(world.enrollmentTokens)],
  ['POST', /^\/enrollment-tokens$/, makeEnrollmentToken],
  [
    'DELETE',
    /^\/enrollment-tokens\/([^/]+)$/,
    ({ world, params }) => {
      found(world.enrollmentTokens.find(({ id }) => id === params[0])).revokedAt = new Date(
        world.now(),
      ).toISOString()
    },
  ],
  ['GET', /^\/people$/, ({ world }) => page(world.people)],
  ['POST', /^\/people$/, invite],
  ['PATCH', /^\/people\/([^/]+)$/, changePerson],
  [
    'POST',
    /^\/people\/([^/]+)\/link$/,
    ({ world, params }) => ({
      person: found(world.people.find(({ id }) => id === params[0])),
      link: 'http://127.0.0.1:8003/join/again',
    }),
  ],
  ['GET', /^\/tokens$/, ({ world }) => page(world.tokens)],
  ['POST', /^\/tokens$/, makeToken],
  [
    'DELETE',
    /^\/tokens\/([^/]+)$/,
    ({ world, params }) => {
      world.tokens = world.tokens.filter(({ id }) => id !== params[0])
    },
  ],
  ['GET', /^\/settings$/, ({ world }) => world.settings],
  ['PUT', /^\/settings$/, saveSettings],
  ['GET', /^\/ledger$/, ({ world }) => page(world.ledger)],
  ...scheduleRoutes,
  ...reportRoutes,
  ...evidenceRoutes,
  ...sinkRoutes,
]

function signIn({ world, body }: Call) {
  const { account } = world
  if (body.email !== account.email || body.password !== account.password) {
    refuse(
      401,
      'wrong-credentials',
      'That e-mail address and password do not fit.',
      'Try again. After several failures there is a pause.',
    )
  }
  world.me = account.me
  return account.me
}

function joinInfo({ world, params }: Call) {
  const invited = world.joinTokens[params[0] ?? '']
  if (!invited) refuse(410, 'link-used', 'This link was used already, or has run out.', 'Ask for a new one.')
  return { ...invited, expiresAt: new Date(world.now() + 20 * 3600_000).toISOString() }
}

function join(call: Call) {
  const { world, body, params } = call
  joinInfo(call)
  delete world.joinTokens[params[0] ?? '']
  world.me = { ...world.account.me, name: body.name }
  return world.me
}

function overview({ world }: Call) {
  return {
    pendingRequests: world.requests.filter(({ state }) => state === 'pending').length,
    liveSessions: world.sessions.filter(({ summary }) => summary.state === 'live').length,
    devices: world.devices.length,
    devicesOnline: world.devices.filter(({ online }) => online).length,
    openFindings: world.findings.filter(({ acknowledged }) => acknowledged === null).length,
    todo: world.todo,
  }
}

function decide({ world, params, body, publish }: Call) {
  const request = found(world.requests.find(({ id }) => id === params[0]))
  if (request.state !== 'pending') {
    refuse(409, 'already-decided', 'This request was decided already.', 'Reload to see how.')
  }
  const isApproval = params[1] === 'approve'
  request.state = isApproval ? 'approved' : 'denied'
  request.decision = {
    by: world.me?.name ?? '',
    at: new Date(world.now()).toISOString(),
    outcome: isApproval ? 'approved' : 'denied',
    minutes: isApproval ? body.minutes : null,
    endProcesses: isApproval ? body.endProcesses : null,
    note: body.note,
    callerCheck: body.callerCheck ?? null,
    carried: 'network',
  }
  publish('requests')
  return request
}

function sessionOf(world: World, id: string | undefined) {
  return world.sessions.find(({ summary }) => summary.id === id)
}

function endSession({ world, params, publish }: Call) {
  const { summary } = found(sessionOf(world, params[0]))
  summary.state = 'ended'
  summary.endedAt = new Date(world.now()).toISOString()
  summary.endReason = 'ended-by-administrator'
  publish('sessions')
}

function deviceAction({ world, params, publish }: Call) {
  const device = found(world.devices.find(({ id }) => id === params[0]))
  device.state = params[1] === 'revoke' ? 'revoked' : 'enrolled'
  publish('devices')
  return device
}

function makeEnrollmentToken({ world, body }: Call) {
  const item = {
    id: 'feedbeef'.repeat(4),
    createdBy: world.me?.name ?? '',
    createdAt: new Date(world.now()).toISOString(),
    expiresAt: new Date(world.now() + body.minutes * 60_000).toISOString(),
    uses: body.uses,
    used: 0,
    revokedAt: null,
  }
  world.enrollmentTokens.push(item)
  const token = 'stint-e1.fake.JDJhJDEyJHNvbWVzYWx0LnNvbWV0b2tlbg'
  return { item, token, command: `sudo stint agent --enroll ${token}` }
}

function invite({ world, body }: Call) {
  if (world.people.some(({ email }) => email === body.email)) {
    refuse(409, 'conflict', 'Somebody changed this at the same time.', 'That address is here already.')
  }
  const person = {
    id: makeId(world),
    email: body.email,
    name: '',
    role: body.role,
    state: 'invited' as const,
    lastSeenAt: null,
    createdAt: new Date(world.now()).toISOString(),
  }
  world.people.push(person)
  return { person, link: 'http://127.0.0.1:8003/join/Zx8mTq2bVfK1rY5n' }
}

function changePerson({ world, params, body, publish }: Call) {
  const person = found(world.people.find(({ id }) => id === params[0]))
  if (body.role) person.role = body.role
  if (body.disabled !== undefined) person.state = body.disabled ? 'disabled' : 'active'
  publish('people')
  return person
}

function makeToken({ world, body }: Call) {
  const token = {
    id: makeId(world),
    name: body.name,
    rights: body.rights,
    createdBy: world.me?.name ?? '',
    createdAt: new Date(world.now()).toISOString(),
    lastUsedAt: null,
    expiresAt: new Date(world.now() + body.days * 24 * 3600_000).toISOString(),
  }
  world.tokens.push(token)
  return { token, secret: 'stint_fake_9fW2kLq8sT4vXz' }
}

function saveSettings({ world, body }: Call) {
  const wanted = body as unknown as Settings
  if (wanted.version !== world.settings.version) {
    refuse(409, 'conflict', 'Somebody changed this at the same time.', 'Reload and try again.')
  }
  world.settings = {
    ...wanted,
    version: wanted.version + 1,
    changedAt: new Date(world.now()).toISOString(),
    changedBy: world.me?.name ?? null,
  }
  return world.settings
}
