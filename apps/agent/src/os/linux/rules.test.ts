import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import type { RaiseOrder } from '../os.ts'
import { grantsEverything } from './administrator.ts'
import { layout, polkitFile, sessionOfPolkitFile, sessionOfSudoersFile, sudoersFile } from './layout.ts'
import { copyOfVendor, gateScript, joinPolkit, joinScript, leavePolkit, pamService } from './pam.ts'
import { polkitRule } from './polkit.ts'
import { notAfter, sudoersRule, sudoVersion } from './sudoers.ts'

const paths = layout()
const order: RaiseOrder = {
  sessionId: 'abc',
  uid: 1000,
  endsAtWallMs: Date.UTC(2026, 10, 22, 8, 29, 0),
  endsAtBootMs: 60_000,
}

describe('the sudoers rule', () => {
  test('END-9: is exactly this', () => {
    assert.equal(
      sudoersRule(paths, order),
      [
        '# stint session abc. Ends by itself; removed when the session ends.',
        'Defaults:#1000 pam_service=stint-sudo, pam_login_service=stint-sudo, use_pty, timestamp_timeout=0, env_keep += "WAYLAND_DISPLAY XDG_RUNTIME_DIR"',
        '#1000 ALL=(ALL:ALL) NOTAFTER=20261122082859Z NOPASSWD: ALL',
        '',
      ].join('\n'),
    )
  })

  test('END-9: never lasts longer than granted: the included second ends before the deadline', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2099, 0) }), (endsAtWallMs) => {
        const text = notAfter(endsAtWallMs)
        assert.match(text, /^\d{14}Z$/)
        const [, year, month, day, hour, minute, second] =
          /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
        const lastMs =
          Date.UTC(
            Number(year),
            Number(month) - 1,
            Number(day),
            Number(hour),
            Number(minute),
            Number(second),
          ) + 999
        assert.ok(lastMs < endsAtWallMs && lastMs > endsAtWallMs - 2_000)
      }),
    )
  })
})

describe('the version of sudo', () => {
  test('is accepted from 1.8.20 on', () => {
    for (const version of ['1.8.20', '1.8.31p2', '1.9.13p3', '1.10.0', '2.0', '1.8.20b1']) {
      assert.equal(sudoVersion(`Sudo version ${version}\nConfigure options: …`), version)
    }
  })

  test('is refused before, and for programs that only look like sudo', () => {
    for (const line of ['Sudo version 1.8.19p2', 'Sudo version 1.7.10', 'sudo-rs 0.2.5', '', 'doas']) {
      assert.equal(sudoVersion(line), null, line)
    }
  })
})

describe('names of files', () => {
  const session = fc.record({
    uid: fc.integer({ min: 1, max: 4_294_967_294 }),
    sessionId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  })

  test('give back their session, so that a crash can be repaired', () => {
    fc.assert(
      fc.property(session, ({ uid, sessionId }) => {
        const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
        assert.deepEqual(sessionOfSudoersFile(base(sudoersFile(paths, uid, sessionId))), { uid, sessionId })
        assert.deepEqual(sessionOfPolkitFile(paths, base(polkitFile(paths, uid, sessionId))), {
          uid,
          sessionId,
        })
        assert.doesNotMatch(base(sudoersFile(paths, uid, sessionId)), /[.~]/)
      }),
    )
  })

  test('of others are not taken for ours', () => {
    for (const name of [
      'README',
      '.s_1000_abc.77.new',
      's_x_abc',
      '50-default.rules',
      '00-stint-1000-abc.rules.bak',
    ]) {
      assert.equal(sessionOfSudoersFile(name), null, name)
      assert.equal(sessionOfPolkitFile(paths, name), null, name)
    }
  })

  test('of an installation hold nothing that a file system or sudo would trip over', () => {
    for (const name of ['', 'Stint', 'a.b', '../x', 'a-b', 'x'.repeat(17)]) {
      assert.throws(() => layout(name), TypeError, name)
    }
  })
})

describe('the polkit rule', () => {
  interface Tried {
    readonly user?: string
    readonly nowMs?: number
    readonly gateOpen?: boolean
    readonly program?: string
  }

  /** Runs the rule as polkit would. */
  function decide(
    rule: string,
    { user = 'alice', nowMs = 0, gateOpen = true, program }: Tried,
  ): string | undefined {
    const asked: string[][] = []
    let answer: string | undefined
    const spawn = (argv: string[]): void => {
      asked.push([...argv])
      if (!gateOpen) throw new Error('closed')
    }
    const addRule = (decideOn: (action: object, subject: object) => string | undefined): void => {
      answer = decideOn({ lookup: () => program }, { user })
    }
    const polkit = { addRule, spawn, Result: { YES: 'yes', NO: 'no' } }
    runInNewContext(rule, { polkit, Date: { now: () => nowMs } })
    for (const argv of asked) assert.deepEqual(argv, [paths.gateHelper, '1000'])
    return answer
  }
  const rule = polkitRule(paths, order, 'alice')
  const deadlineMs = order.endsAtWallMs

  test('says yes to this person until the deadline, and nothing to anybody else', () => {
    assert.equal(decide(rule, { nowMs: deadlineMs - 1 }), 'yes')
    assert.equal(decide(rule, { nowMs: deadlineMs }), undefined)
    assert.equal(decide(rule, { user: 'bob' }), undefined)
  })

  test('says nothing when the second lock is closed', () => {
    assert.equal(decide(rule, { gateOpen: false }), undefined)
  })

  test('cannot be left by a name', () => {
    for (const name of ['a"||true||"', "a'b", 'a\\', '</script>', 'a\u2028b']) {
      assert.equal(decide(polkitRule(paths, order, name), { user: 'alice' }), undefined)
      assert.equal(decide(polkitRule(paths, order, name), { user: name }), 'yes')
    }
  })
})

describe('PAM and its helpers', () => {
  test('our lines go in once and come out without a trace', () => {
    const others = '#%PAM-1.0\n@include common-auth\nsession required pam_env.so\n'
    const joined = joinPolkit(paths, others)
    assert.notEqual(joined, others)
    assert.equal(joinPolkit(paths, joined), joined)
    assert.equal(leavePolkit(paths, joined), others)
    assert.equal(leavePolkit(paths, others), others)
  })

  test('of two installations the last to leave finds the copy as it was made, in either order', () => {
    const [one, two] = [layout('one'), layout('two')]
    const copy = copyOfVendor('@include common-auth\n')
    const both = joinPolkit(two, joinPolkit(one, copy))
    assert.equal(leavePolkit(two, leavePolkit(one, both)), copy)
    assert.equal(leavePolkit(one, leavePolkit(two, both)), copy)
  })

  test('another installation beside ours is left alone', () => {
    const theirs = joinPolkit(layout('other'), 'x\n')
    assert.equal(leavePolkit(paths, joinPolkit(paths, theirs)), theirs)
  })

  test('the process group is joined before anything that could end the stack early', () => {
    const lines = pamService(paths)
      .split('\n')
      .map((line) => line.split(/\s+/))
    const sessions = lines.filter(([phase]) => phase === 'session').map((line) => line.slice(1, 3))
    assert.deepEqual(sessions, [
      ['required', 'pam_exec.so'],
      ['include', 'sudo'],
    ])
  })

  test('the helpers name only our own folders', () => {
    assert.match(gateScript(paths), /\/run\/stint\/until\//)
    assert.match(joinScript(paths), /\/run\/stint\/group\//)
  })
})

describe('who is an administrator without us', () => {
  const entry = (lines: string): string =>
    `User a may run the following commands on x:\n\nSudoers entry:\n${lines}`

  test('whoever may run everything as root', () => {
    assert.equal(grantsEverything(entry('    RunAsUsers: ALL\n    Commands:\n\tALL\n'), null), true)
    assert.equal(grantsEverything(entry('    RunAsUsers: bob, root\n    Commands:\n\tALL\n'), null), true)
    assert.equal(
      grantsEverything(entry('    RunAsUsers: root\n    Commands:\n\tALL\n\t!/bin/x\n'), null),
      true,
    )
  })

  test('nobody who may run some things, or all as somebody else', () => {
    assert.equal(grantsEverything(entry('    RunAsUsers: root\n    Commands:\n\t/bin/ALL\n'), null), false)
    assert.equal(grantsEverything(entry('    RunAsUsers: bob\n    Commands:\n\tALL\n'), null), false)
    assert.equal(grantsEverything('User a is not allowed to run sudo on x.', null), false)
  })

  test('nobody by the rule of a session, which ends by itself and has our PAM service', () => {
    const ours = entry('    RunAsUsers: ALL\n    NotAfter: 20261122074552Z\n    Commands:\n\tALL\n')
    assert.equal(grantsEverything(`pam_service=stint-sudo,\n${ours}`, paths), false)
    assert.equal(grantsEverything(ours, null), true)
    const both = `pam_service=stint-sudo,\n${ours}\nSudoers entry:\n    RunAsUsers: ALL\n    Commands:\n\tALL\n`
    assert.equal(grantsEverything(both, paths), true)
  })
})
