/** What somebody who was root for a while would leave where nobody looks, and how he would use what puts things back. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { ChangeKind, SnapshotOrder, SystemSnapshot } from '../../apps/agent/src/os/os.ts'
import { changesBetween } from '../../apps/agent/src/session/changes.ts'
import { Computer, run, whyNot } from './os-fixture.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'groupadd', 'find', 'setcap')

describe('what would be hidden', { skip }, () => {
  let computer: Computer
  let dir: string
  const left = new Set<string | Buffer>()
  before(async () => {
    computer = await Computer.open()
    await computer.os.prepare()
    dir = mkdtempSync('/var/lib/stint-hidden-')
    chmodSync(dir, 0o755)
  })
  after(async () => {
    for (const path of left) rmSync(path, { force: true })
    if (dir) rmSync(dir, { recursive: true, force: true })
    await computer?.close()
  })

  const look = (part: SnapshotOrder['part'] = 'settings', copies: readonly ChangeKind[] = []) =>
    computer.os.snapshot({ part, copies, sessions: ['s-1'], sinceWallMs: null })
  const since = { sinceWallMs: Date.now() - 60_000, untilWallMs: 0 }
  const newIn = (first: SystemSnapshot, second: SystemSnapshot, kind: ChangeKind) =>
    changesBetween(first, second, since).changes.filter(
      (change) => (change.before ?? change.after)?.kind === kind,
    )

  test('END-11: rules under a name that is no text, and beside the rules of sessions, are seen', async () => {
    const first = await look()
    const odd = Buffer.concat([
      Buffer.from(`/etc/sudoers.d/${computer.paths.name}-`),
      Buffer.from([0xff, 0x62]),
    ])
    const beside = `${computer.paths.sudoersDir}/left`
    for (const path of [odd, beside]) {
      left.add(path)
      writeFileSync(path, '# left\n', { mode: 0o440 })
    }
    const found = newIn(first, await look(), 'sudoers').map(({ before, after }) => [before, after?.what])
    assert.deepEqual(found.sort(), [
      [null, `/etc/sudoers.d/${computer.paths.name}-\\xffb`],
      [null, beside],
    ])
    rmSync(odd)
    rmSync(beside)
  })

  test('the rule of a session itself is no change', async () => {
    const person = await computer.addAccount()
    const first = await look()
    await computer.os.raise(computer.order(person.uid))
    assert.deepEqual(newIn(first, await look(), 'sudoers'), [])
    await computer.os.lower({ sessionId: 's-1', uid: person.uid })
  })

  test('END-11: a password of a group, which opens it to everybody who knows it, is seen; its hash is not told', async () => {
    const group = `${computer.paths.name}-g`
    assert.equal((await run('groupadd', [group])).status, 0)
    try {
      const first = await look()
      assert.equal((await run('groupmod', ['-p', '$6$salt$hash', group])).status, 0)
      const [change, ...more] = newIn(first, await look(), 'account')
      assert.deepEqual(more, [])
      assert.match(change?.after?.state ?? '', /, with a password$/)
      assert.doesNotMatch(JSON.stringify(change), /salt/)
    } finally {
      await run('groupdel', [group])
    }
  })

  test('END-13: another name for a set-uid program does not make its rights be taken', async () => {
    const known = `${dir}/a-known-program`
    copyFileSync('/bin/true', known)
    chmodSync(known, 0o4755)
    const first = await look('programs')
    linkSync(known, `${dir}/a`)
    const mine = newIn(first, await look('programs'), 'set-uid').filter(({ before, after }) =>
      (before ?? after)?.what.startsWith(dir),
    )
    assert.deepEqual(
      mine.map(({ before, after }) => [before?.what, after?.what]),
      [[known, `${dir}/a`]],
    )
    const [difference] = mine
    assert.ok(difference)
    assert.equal(await computer.os.restore({ difference, quarantine: `${dir}/q` }), false)
    assert.equal(statSync(known).mode & 0o7777, 0o4755)
  })

  test('END-11: file capabilities under a name that is no text are seen', async () => {
    const folder = `${dir}/odd`
    mkdirSync(folder)
    const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xfe, 0x78])])
    copyFileSync('/bin/true', odd)
    const set = spawnSync('sh', ['-c', `setcap cap_net_raw+ep ${folder}/*`])
    assert.equal(set.status, 0, String(set.stderr))
    const { items } = await look('programs')
    const found = items.filter(({ kind, what }) => kind === 'file-capability' && what.startsWith(folder))
    assert.deepEqual(
      found.map(({ what, state }) => [what, state]),
      [[`${folder}/\\xfex`, 'cap_net_raw, effective at start']],
    )
  })

  test('END-13: what somebody changed after the comparison is theirs, and stays', async () => {
    const job = `/etc/cron.d/${computer.paths.name}-job`
    left.add(job)
    const first = await look('settings', ['scheduled-job'])
    writeFileSync(job, '# left by the session\n')
    const [difference] = newIn(first, await look(), 'scheduled-job')
    assert.equal(difference?.after?.what, job)
    writeFileSync(job, '# written by an administrator since\n')
    assert.ok(difference)
    assert.equal(await computer.os.restore({ difference, quarantine: `${dir}/q` }), false)
    assert.equal(readFileSync(job, 'utf8'), '# written by an administrator since\n')
    writeFileSync(job, '# left by the session\n')
    assert.equal(await computer.os.restore({ difference, quarantine: `${dir}/q` }), true)
    assert.equal(existsSync(job), false)
  })
})
