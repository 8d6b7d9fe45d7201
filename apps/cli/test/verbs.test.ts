import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { refuse } from '@stint/elevation'
import {
  type FakeDoor,
  ids,
  openFakeDoor,
  openRequest,
  requestCode,
  session,
  userStatus,
} from './fake-door/fake-door.ts'
import { type Ran, startStint, stint } from './fake-door/stint.ts'

let door: FakeDoor
before(async () => {
  door = await openFakeDoor()
})
after(() => door.close())
beforeEach(() => {
  door.status = userStatus()
  door.refusals.clear()
  door.faults.clear()
  door.calls.length = 0
  door.history = []
})

const atDoor = (...args: string[]) => stint([...args, '--run', door.runDir], { TZ: 'UTC' })

/** Stdout is one JSON object on one line and nothing else. */
function onlyJson({ stdout }: Ran): Record<string, unknown> {
  assert.equal(stdout.split('\n').length, 2, stdout)
  return JSON.parse(stdout)
}

const verbs = [
  'request',
  'code',
  'status',
  'withdraw',
  'end',
  'history',
  'app',
  'up',
  'server',
  'agent',
  'courier',
  'doctor',
]

describe('every verb', { timeout: 120_000 }, () => {
  for (const verb of verbs)
    test(`${verb} --help has an example, --json and exit code 0`, async () => {
      const { code, stdout, stderr } = await stint([verb, '--help'])
      assert.match(stdout, /Example:\n {2}\$ (sudo )?stint /)
      assert.match(stdout, /--json/)
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })

  test('is listed by `stint help`', async () => {
    const { stdout } = await stint(['help'])
    for (const verb of verbs) assert.match(stdout, new RegExp(`^ {2}${verb}\\b`, 'm'))
  })
})

describe('wrong usage', () => {
  test('is exit code 2 with a sentence and a next step', async () => {
    const { code, stdout, stderr } = await stint(['grant-me-everything'])
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.match(stderr, /^error: Unknown command 'grant-me-everything'\.\nhint: See `stint help`\.\n$/)
  })

  for (const [args, hint] of [
    [['request', '--minutes', 'ten', '--reason', 'x'], /--minutes 15/],
    [['request', '--mode', 'god', '--reason', 'x'], /--mode session/],
    [['request'], /--reason/],
    [['history', '--limit', '0'], /--limit 5/],
    [['code'], /stint code ANSWER/],
    [['request', '--minuts', '5'], /stint request --help/],
  ] as const)
    test(`${args.join(' ')} is found also where no agent runs`, async () => {
      const { code, stderr } = await stint([...args, '--run', '/nonexistent'])
      assert.equal(code, 2, stderr)
      assert.match(stderr.split('\n')[1] ?? '', hint)
    })

  test('is JSON with --json', async () => {
    const ran = await stint(['status', '--jsn', '--json'])
    assert.equal(ran.code, 2)
    const { refused } = onlyJson(ran)
    assert.equal((refused as { code: string }).code, 'wrong-usage')
    assert.equal(ran.stderr, '')
  })

  test('names a number that is none before anything is asked of the agent', async () => {
    const { code, stderr } = await atDoor('request', '--reason', 'x', '--minutes', 'ten')
    assert.equal(code, 2)
    assert.match(stderr, /--minutes is a whole number/)
    assert.deepEqual(door.calls, [])
  })

  test('a request without a reason is refused where nobody can be asked for it', async () => {
    const ran = await atDoor('request', '--json')
    assert.equal(ran.code, 2)
    assert.match(JSON.stringify(onlyJson(ran)), /A reason is needed/)
  })
})

describe('an agent that is not there', () => {
  test('is exit code 3, agent-not-running', async () => {
    const ran = await stint(['status', '--json', '--run', '/nonexistent'])
    assert.equal(ran.code, 3)
    assert.deepEqual(onlyJson(ran), { refused: { ...refuse('agent-not-running') } })
  })

  test('is found through STINT_RUN', async () => {
    const { code } = await stint(['status', '--json'], { STINT_RUN: door.runDir })
    assert.equal(code, 0)
  })

  test('anymore, or that talks nonsense, ends a watch: exit code 3', async () => {
    const running = startStint(['status', '--watch', '--json', '--run', door.runDir])
    await door.watched(1)
    door.babble('{"hello"\n')
    const { code, stdout } = await running.ended
    assert.equal(code, 3)
    assert.match(stdout, /agent-not-running/)
  })

  test('understood differently is exit code 4, malformed', async () => {
    Object.assign(door.status, { device: { name: 'ada-laptop' } })
    const ran = await atDoor('status', '--json')
    assert.equal(ran.code, 4)
    assert.match(JSON.stringify(onlyJson(ran)), /"fault":\{"code":"malformed"/)
  })
})

describe('stint request', () => {
  test('gives the promised object', async () => {
    const ran = await atDoor('request', '--reason', 'Install the printer driver', '--minutes', '30', '--json')
    assert.equal(ran.code, 0)
    assert.deepEqual(onlyJson(ran), {
      requestId: ids.request,
      requestCode,
      sent: true,
      contacts: [
        { kind: 'telephone', value: '+44 20 7946 0100' },
        { kind: 'email', value: 'help@example.org' },
        { kind: 'link', value: 'https://tickets.example.org/new' },
      ],
    })
    assert.deepEqual(door.calls, [
      { id: 1, call: 'request', reason: 'Install the printer driver', minutes: 30, mode: 'session' },
    ])
  })

  test('shows the code in groups with a word for every symbol, the contacts and the next step', async () => {
    door.status = userStatus({ device: { ...door.status.device, online: false } })
    const { code, stdout, stderr } = await atDoor('request', '--reason', 'Install the printer driver')
    assert.equal(code, 0)
    assert.equal(stderr, '')
    assert.match(stdout, /2 N K 6 Y {3}- {3}8 J N W X {3}- {3}1 8 W 2 A/)
    assert.match(stdout, /2NK6Y {3}Two {2}November {2}Kilo {2}Six {2}Yankee/)
    assert.match(stdout, /Read this code to somebody who may agree/)
    assert.match(stdout, /call {2}\+44 20 7946 0100/)
    assert.match(stdout, /`stint code`/)
  })

  test('refused: exit code 1 with the words of the refusal', async () => {
    door.refusals.set('request', refuse('minutes-above-ceiling', { details: { ceiling: 240 } }))
    const ran = await atDoor(
      'request',
      '--reason',
      'Install the printer driver',
      '--minutes',
      '9999',
      '--json',
    )
    assert.equal(ran.code, 1)
    assert.deepEqual(onlyJson(ran), {
      refused: { ...refuse('minutes-above-ceiling', { details: { ceiling: 240 } }) },
    })
  })

  test('--wait ends with the session once it is approved', async () => {
    const running = startStint([
      'request',
      '--reason',
      'Install the printer driver',
      '--wait',
      '--json',
      '--run',
      door.runDir,
    ])
    await door.watched(1)
    door.change({ request: openRequest({ state: 'approved' }) })
    door.change({ request: null, session: session({ credential: 'answer-token' }) }, 'approved')
    const ran = await running.ended
    assert.equal(ran.code, 0)
    const { sessionId, mode, endsAt, requestCode: code } = onlyJson(ran)
    assert.deepEqual(
      { sessionId, mode, endsAt, code },
      { sessionId: ids.session, mode: 'session', endsAt: '2026-11-22T10:15:00.000Z', code: requestCode },
    )
  })

  test('--wait brings the note of a denial: exit code 1, denied', async () => {
    const running = startStint([
      'request',
      '--reason',
      'Install the printer driver',
      '--wait',
      '--run',
      door.runDir,
    ])
    await door.watched(1)
    const lastDecision = {
      requestId: ids.request,
      state: 'denied' as const,
      note: 'Use the \u001b[2Jshop',
      at: door.status.now,
    }
    door.change({ request: null, lastDecision }, 'denied')
    const { code, stderr } = await running.ended
    assert.equal(code, 1)
    assert.match(stderr, /error: Your request was denied\.\nhint: The approver wrote: Use the +\[2Jshop\n$/)
  })

  test('--wait stopped by the person leaves the request open: exit code 1, still-waiting', async () => {
    const running = startStint([
      'request',
      '--reason',
      'Install the printer driver',
      '--wait',
      '--json',
      '--run',
      door.runDir,
    ])
    await door.watched(1)
    running.child.kill('SIGINT')
    const ran = await running.ended
    assert.equal(ran.code, 1)
    assert.match(JSON.stringify(onlyJson(ran)), /still-waiting/)
    assert.deepEqual(
      door.calls.map(({ call }) => call),
      ['request', 'watch'],
    )
  })
})

describe('stint code', () => {
  test('gives the session, and takes a code in several arguments', async () => {
    door.status = userStatus({ request: openRequest() })
    const ran = await atDoor('code', '6g1ra', 'yeh30', '--json')
    assert.equal(ran.code, 0)
    assert.deepEqual(onlyJson(ran), {
      sessionId: ids.session,
      mode: 'session',
      endsAt: '2026-11-22T10:15:00.000Z',
    })
    assert.deepEqual(door.calls[0], { id: 1, call: 'answer', text: '6g1ra yeh30' })
  })

  test('a wrong one is exit code 1 and says how many tries are left', async () => {
    door.refusals.set('answer', refuse('bad', { details: { triesLeft: 1 } }))
    const { code, stderr } = await atDoor('code', '6G1RA-YEH30')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /error: That code does not fit your open request\. 1 try is left\.\nhint: Read the request code/,
    )
  })

  test('a pause is exit code 1 and says how long it lasts', async () => {
    door.refusals.set('answer', refuse('wait', { details: { remainingMs: 95_000 } }))
    const { code, stderr } = await atDoor('code', '6G1RA-YEH30')
    assert.equal(code, 1)
    assert.match(stderr, /The pause lasts 1 min 35 s\./)
  })

  test('a fault of the agent is exit code 4 and called a fault', async () => {
    door.faults.set('answer', { ...refuse('raise-failed'), hint: 'The disk is full.' })
    const ran = await atDoor('code', '6G1RA-YEH30', '--json')
    assert.equal(ran.code, 4)
    assert.equal((onlyJson(ran).fault as { hint: string }).hint, 'The disk is full.')
  })

  test('without an answer, and nobody to ask, is wrong usage', async () => {
    const { code, stderr } = await atDoor('code')
    assert.equal(code, 2)
    assert.match(stderr, /The answer is missing/)
  })
})

describe('stint status', () => {
  test('is the agent’s status with --json', async () => {
    const ran = await atDoor('status', '--json')
    assert.deepEqual(onlyJson(ran), door.status)
  })

  test('shows the time left by the agent’s clock, the reason and what happens at the end', async () => {
    door.status = userStatus({ session: session(), now: '2026-11-22T10:02:20.000Z' })
    const { stdout } = await atDoor('status')
    assert.match(stdout, /You have administrator rights\. 12 min left, until /)
    assert.match(stdout, /reason +Install the printer driver/)
    assert.match(stdout, /recorded +3 programs so far/)
    assert.match(stdout, /at the end +what still runs with these rights is ended/)
  })

  test('shows the open request, that it was not sent, and the tries left', async () => {
    door.status = userStatus({ request: openRequest({ sent: false, triesLeft: 3 }) })
    const { stdout } = await atDoor('status')
    assert.match(stdout, /2 N K 6 Y/)
    assert.match(stdout, /sent +no, read the code to an approver/)
    assert.match(stdout, /wrong tries +3 left/)
  })

  test('--watch --json gives one object per change and ends cleanly when asked to', async () => {
    const running = startStint(['status', '--watch', '--json', '--run', door.runDir])
    await running.said('"request":null')
    door.change({ request: openRequest() })
    await running.said(requestCode)
    running.child.kill('SIGINT')
    const { code, stdout } = await running.ended
    assert.equal(code, 0)
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).request?.requestCode ?? null),
      [null, requestCode],
    )
  })
})

describe('stint withdraw, end and history', () => {
  test('withdraw gives the request that is void now', async () => {
    door.status = userStatus({ request: openRequest() })
    assert.deepEqual(onlyJson(await atDoor('withdraw', '--json')), { requestId: ids.request })
  })

  test('withdraw without a request is refused: no-request', async () => {
    const { code, stderr } = await atDoor('withdraw')
    assert.equal(code, 1)
    assert.match(stderr, /error: You have no open request\.\nhint: Ask first/)
  })

  test('end says how it ended and what was recorded', async () => {
    door.status = userStatus({ session: session() })
    const ended = onlyJson(await atDoor('end', '--json'))
    assert.deepEqual(ended, {
      sessionId: ids.session,
      endedAt: door.status.now,
      endReason: 'ended-by-user',
      processes: 3,
    })
  })

  test('end without a session is refused: no-session', async () => {
    const ran = await atDoor('end', '--json')
    assert.equal(ran.code, 1)
    assert.equal((onlyJson(ran).refused as { code: string }).code, 'no-session')
  })

  test('history lists sessions with the way they ended', async () => {
    door.history = [session({ endedAt: '2026-11-22T10:05:00.000Z', endReason: 'ended-by-administrator' })]
    const { stdout } = await atDoor('history')
    assert.match(stdout, /10:00, 5 min, 3 programs, ended by an administrator: Install the printer driver/)
  })

  test('history of a hundred and one is wrong usage', async () => {
    const { code } = await atDoor('history', '--limit', '101')
    assert.equal(code, 2)
  })
})
