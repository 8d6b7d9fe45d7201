import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangeKind } from '@stint/elevation'
import { anna, World } from './world.ts'

const minute = 60_000
const job = '/etc/cron.d/new'

async function policy(world: World, changes: Parameters<World['organisation']['policy']>[0]): Promise<void> {
  const message = { type: 'policy', policy: world.organisation.policy(changes) }
  assert.deepEqual(await world.courier({ call: 'deliver', message }), { done: true })
}

async function live(undo: readonly ChangeKind[] = []): Promise<World> {
  const world = await World.enrolled()
  world.os.system.change('sudoers', '/etc/sudoers', 'as delivered')
  world.os.system.change('set-uid', '/usr/bin/su', 'mode 04755')
  await world.clock.pass(minute)
  if (undo.length > 0) await policy(world, { undo })
  await world.raised()
  await world.clock.pass(minute)
  return world
}

async function end(world: World): Promise<void> {
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
}

async function changed(world: World) {
  const facts = await world.facts('system.changed')
  assert.equal(facts.length, 1, 'one comparison a session')
  return facts[0]?.body ?? assert.fail('nothing was compared')
}

const leftBehind = (world: World) => [...world.disk.files.keys()].filter((path) => path.includes('/before/'))

test('END-11: what is new, other or gone after a session is in the journal, and what was there before is not', async () => {
  const world = await live()
  const { system } = world.os
  system.change('scheduled-job', job, 'sha256 aa')
  system.change('sudoers', '/etc/sudoers', 'as changed')
  system.change('set-uid', '/usr/bin/su', null)
  system.change('set-uid', '/usr/local/bin/shell', 'mode 04755')
  assert.equal(leftBehind(world).length, 2, 'both looks are on the disk')
  await end(world)
  const { changes, unread, cut } = await changed(world)
  assert.deepEqual(
    changes.map(({ what, before, after, undone }) => [what, before, after, undone]),
    [
      ['/etc/sudoers', 'as delivered', 'as changed', 'not-asked'],
      [job, null, 'sha256 aa', 'not-asked'],
      ['/usr/local/bin/shell', null, 'mode 04755', 'not-asked'],
      ['/usr/bin/su', 'mode 04755', null, 'not-asked'],
    ],
  )
  assert.deepEqual([unread, cut], [[], false])
  assert.deepEqual(leftBehind(world), [])
  assert.deepEqual(world.errors, [])
})

test('END-11: a session that changed nothing says so', async () => {
  const world = await live()
  await end(world)
  assert.deepEqual((await changed(world)).changes, [])
})

test('END-11: places that cannot be read are named, and nothing is claimed about them', async () => {
  const world = await live()
  world.os.system.unreadable.add('sudoers')
  world.os.system.change('sudoers', '/etc/sudoers.d/new', 'sha256 bb')
  await end(world)
  const { changes, unread } = await changed(world)
  assert.deepEqual(changes, [])
  assert.deepEqual(unread, ['sudoers could not be read.'])
})

test('END-11: the agent dies in the session, and in the comparison: it is told once, after the end', async () => {
  const world = await live()
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  await world.restart()
  await world.clock.pass(minute)
  world.os.system.walkHangs = true
  await end(world)
  assert.deepEqual(await world.facts('system.changed'), [])
  await world.restart()
  world.os.system.letWalk()
  await world.clock.pass(minute)
  assert.deepEqual(
    (await changed(world)).changes.map(({ what }) => what),
    [job],
  )
  const types = await world.types()
  assert.ok(types.indexOf('system.changed') > types.indexOf('session.end'))
  await world.restart()
  await world.clock.pass(minute)
  await changed(world)
  assert.deepEqual(leftBehind(world), [])
})

test('END-11: programs that were not looked at before the agent died are told of only if they changed since', async () => {
  const world = await World.enrolled()
  world.os.system.change('set-uid', '/usr/bin/su', 'mode 04755')
  world.os.system.walkHangs = true
  await world.clock.pass(minute)
  await world.raised()
  await world.clock.pass(minute)
  await world.restart()
  world.os.system.letWalk()
  world.os.system.change('set-uid', '/usr/local/bin/shell', 'mode 04755')
  await end(world)
  const { changes, unread } = await changed(world)
  assert.deepEqual(
    changes.map(({ what, before }) => [what, before]),
    [['/usr/local/bin/shell', 'Not known: it was not looked at before.']],
  )
  assert.match(unread.join(), /stopped before it had seen all programs/)
})

test('END-11: after a start of the computer the comparison still comes, without kernel modules', async () => {
  const world = await live()
  world.os.system.change('kernel-module', 'usbhid', 'loaded')
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  await world.reboot()
  await world.clock.pass(minute)
  const { changes, unread } = await changed(world)
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ['scheduled-job'],
  )
  assert.match(unread.join(), /Kernel modules were not compared/)
})

test('END-11: on a full disk the rights go down all the same, and the comparison comes when there is space', async () => {
  const world = await live()
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  world.disk.full = true
  await world.reply(anna, { call: 'end' })
  await world.clock.pass(minute)
  assert.ok(!world.os.canAct(anna))
  world.disk.full = false
  await world.clock.pass(minute)
  await changed(world)
})

test('END-13: nothing is put back unless policy says so for its kind', async () => {
  const world = await live(['sudoers'])
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  world.os.system.change('sudoers', '/etc/sudoers', 'as changed')
  world.os.system.change('sudoers', '/etc/sudoers.d/new', 'everybody')
  await end(world)
  assert.deepEqual(
    (await changed(world)).changes.map(({ what, undone }) => [what, undone]),
    [
      ['/etc/sudoers', 'undone'],
      [job, 'not-asked'],
      ['/etc/sudoers.d/new', 'undone'],
    ],
  )
  assert.equal(world.os.system.state('sudoers', '/etc/sudoers'), 'as delivered')
  assert.equal(world.os.system.state('sudoers', '/etc/sudoers.d/new'), null)
  assert.equal(world.os.system.state('scheduled-job', job), 'sha256 aa')
})

test('END-13: what cannot be proven undone is called failed', async () => {
  const world = await live(['scheduled-job'])
  world.os.system.stubborn.add('scheduled-job')
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  await end(world)
  assert.deepEqual(
    (await changed(world)).changes.map(({ undone }) => undone),
    ['failed'],
  )
})

test('END-13: what may have been there before is told of and not touched', async () => {
  const world = await World.enrolled()
  await policy(world, { undo: ['set-uid'] })
  world.os.system.change('set-uid', '/usr/bin/su', 'mode 04755')
  world.os.system.walkHangs = true
  await world.clock.pass(minute)
  await world.raised()
  await world.restart()
  world.os.system.letWalk()
  world.os.system.change('set-uid', '/usr/bin/su', 'mode 06755')
  await end(world)
  assert.deepEqual(
    (await changed(world)).changes.map(({ what, undone }) => [what, undone]),
    [['/usr/bin/su', 'failed']],
  )
  assert.equal(world.os.system.state('set-uid', '/usr/bin/su'), 'mode 06755')
})

test('END-13: the agent dies while it puts things back: what it undid is still told of', async () => {
  const world = await live(['scheduled-job'])
  world.os.system.change('scheduled-job', job, 'sha256 aa')
  world.os.knobs.crashAfter = 'restore'
  await end(world)
  assert.equal(world.os.system.state('scheduled-job', job), null)
  await world.restart()
  await world.clock.pass(minute)
  assert.deepEqual(
    (await changed(world)).changes.map(({ what, undone }) => [what, undone]),
    [[job, 'undone']],
  )
})

test('END-12: rights that others give or take during a session are noticed once, and stay', async () => {
  const world = await live()
  world.os.setAdministrator(anna, true)
  await world.clock.pass(2 * minute)
  world.os.setAdministrator(anna, false)
  await world.clock.pass(minute)
  world.os.setAdministrator(anna, true)
  await end(world)
  const told = (await world.facts('rights.changed-elsewhere')).map(({ body }) => body.administrator)
  assert.deepEqual(told, [true, false, true])
  assert.equal(await world.os.isAdministrator(anna), true)
  assert.ok(!world.os.canAct(anna), 'the rights of the session are gone')
})

test('END-8, END-12: somebody who was an administrator before stays one, and that is no change', async () => {
  const world = await World.enrolled()
  world.os.setAdministrator(anna, true)
  await world.raised()
  await world.clock.pass(2 * minute)
  await end(world)
  assert.equal((await world.facts('session.start'))[0]?.body.wasAdministrator, true)
  assert.deepEqual(await world.facts('rights.changed-elsewhere'), [])
  assert.equal(await world.os.isAdministrator(anna), true)
})

test('END-14: a lower ceiling shortens the session, counted from its start, and never lengthens it', async () => {
  const world = await live()
  await policy(world, { minutesCeiling: 5 })
  await policy(world, { minutesCeiling: 120 })
  await world.clock.pass(4 * minute - 1)
  assert.ok(world.os.canAct(anna))
  await world.clock.pass(1)
  assert.ok(!world.os.canAct(anna), 'the operating system knows the new deadline')
  const [ended] = await world.facts('session.end')
  assert.deepEqual([ended?.body.reason, ended?.body.proven], ['expired', true])
})

test('END-6, END-14: a session ends with policy-change when its mode is no longer allowed or its new time is over', async () => {
  for (const change of [{ modes: ['application'] }, { minutesCeiling: 1 }] as const) {
    const world = await live()
    await policy(world, change)
    assert.ok(!world.os.canAct(anna))
    await world.clock.pass(0)
    assert.equal((await world.facts('session.end'))[0]?.body.reason, 'policy-change')
  }
})

test('END-14: a session that cannot be shortened ends', async () => {
  const world = await live()
  world.os.knobs.failRaise = 1
  await policy(world, { minutesCeiling: 5 })
  assert.ok(!world.os.canAct(anna))
  await world.clock.pass(0)
  assert.equal((await world.facts('session.end'))[0]?.body.reason, 'policy-change')
})
