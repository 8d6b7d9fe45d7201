import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ProgramRule } from '@stint/elevation'
import type { Settings } from '@stint/wire/console'
import { POLICY_JWS_MAX } from '@stint/wire/policy'
import { onEachEngine } from './engines.ts'
import { enrolledDevice, facts, type TestDevice } from './test-device.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const rule = (id: string, more: Partial<ProgramRule> = {}): ProgramRule => ({
  id,
  effect: 'deny',
  match: { path: '/usr/bin/nmap' },
  note: 'Ask the network team.',
  ...more,
})

onEachEngine((open) => {
  describe('settings of programs, secrets and undoing', () => {
    let server: TestServer
    let computer: TestDevice
    before(async () => {
      server = await startTestServer({ db: await open() })
      // As many users, with names as long, as a policy can number.
      const users = Array.from({ length: 14 }, (_, n) => ({
        userId: `uid:${n}:${'é'.repeat(290)}`,
        name: `user${n}`,
      }))
      computer = await enrolledDevice(server, { ...facts, users })
    })
    after(() => server.close())

    const read = async () => (await server.owner.call<Settings>('GET', '/settings')).body
    const put = async (more: Partial<Settings>) => {
      const { changedAt: _at, changedBy: _by, ...settings } = await read()
      return server.owner.call<Settings>('PUT', '/settings', { ...settings, ...more })
    }
    const longestPolicy = async () => {
      await server.server.slices.policies.publish(computer.id)
      const row = await server.db.read
        .selectFrom('device_policy')
        .select('jws')
        .orderBy('serial', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return row.jws
    }

    test('are saved, read again, and part of the policy that is signed for a computer', async () => {
      const programs = { otherwise: 'allow' as const, rules: [rule('no-scanners')] }
      const saved = await put({ programs, redact: ['--pin={secret}'], undo: ['account', 'sudoers'] })
      assert.equal(saved.status, 200)
      const again = await read()
      assert.deepEqual(
        [again.programs, again.redact, again.undo],
        [programs, ['--pin={secret}'], ['account', 'sudoers']],
      )
      const payload = JSON.parse(
        Buffer.from((await longestPolicy()).split('.')[1] ?? '', 'base64url').toString('utf8'),
      )
      assert.deepEqual(
        [payload.programs, payload.redact, payload.undo],
        [programs, ['--pin={secret}'], ['account', 'sudoers']],
      )
    })

    for (const [what, field, sentence, more] of [
      [
        'two rules of one name',
        'programs.rules.1',
        /Another rule has this name/,
        { programs: { otherwise: 'allow', rules: [rule('a'), rule('a')] } },
      ],
      [
        'a rule that says of no program',
        'programs.rules.0',
        /Say which programs/,
        { programs: { otherwise: 'deny', rules: [rule('a', { match: {} })] } },
      ],
      [
        'a pattern without its secret',
        'redact.1',
        /fields that are marked/,
        { redact: ['-p{secret}', '--pin'] },
      ],
      ['one pattern twice', 'redact.1', /twice/, { redact: ['-p{secret}', '-p{secret}'] }],
      ['one kind of change twice', 'undo', /twice/, { undo: ['pam', 'pam'] }],
      [
        'a default time above the longest',
        'minutesDefault',
        /longer than the longest/,
        { minutesDefault: 100, minutesCeiling: 50 },
      ],
    ] as const)
      test(`${what}: refused with invalid at ${field}, and nothing is changed`, async () => {
        const before = await read()
        const answer = await put(more as Partial<Settings>)
        assert.deepEqual([answer.status, answer.body.code], [400, 'invalid'])
        assert.deepEqual(Object.keys(answer.body.fields ?? {}), [field])
        assert.match(String(answer.body.hint), sentence)
        assert.deepEqual(await read(), before)
      })

    test('more than a signed policy has room for is refused with invalid; what is let through fits', async () => {
      const rules = (count: number) =>
        Array.from({ length: count }, (_, n) => rule(`rule-${n}`, { note: 'x'.repeat(300) }))
      const programs = (count: number) => ({ programs: { otherwise: 'allow' as const, rules: rules(count) } })
      const refusedCall = await put(programs(200))
      assert.deepEqual([refusedCall.status, refusedCall.body.code], [400, 'invalid'])
      assert.match(String(refusedCall.body.hint), /a signed policy has room for \d+; use fewer or shorter/)
      let count = 200
      while ((await put(programs(count))).status !== 200) count -= 1
      assert.ok(count > 50, `${count} rules`)
      const jws = await longestPolicy()
      assert.ok(jws.length <= POLICY_JWS_MAX, `${jws.length} characters`)
      assert.ok(jws.length > POLICY_JWS_MAX / 2, `${jws.length} characters`)
    })
  })
})
