import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOrigin, readVkey } from '@stint/chain'
import { logKeyMessage } from '@stint/code'
import type { EnrolHello } from '@stint/wire/device'
import type { MemoryDisk } from './memory-disk.ts'
import { verifyDik } from './verify-dik.ts'
import { anna, bert, World } from './world.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const keysOn = (disk: MemoryDisk) => [...disk.files.keys()].filter((path) => path.endsWith('.key'))

/** Seals so far, without reading the journal: that would seal. */
function seals({ disk, organisation }: World): number {
  const content = disk.files.get(`/state/journal/${organisation.deviceId}/checkpoints.jsonl`)
  return content === undefined ? 0 : Buffer.from(content).toString().split('\n').length - 1
}

async function startsWithout(spoil: (disk: MemoryDisk, journal: string) => void): Promise<string> {
  const world = await World.enrolled()
  await world.raised()
  world.kill()
  spoil(world.disk, `/state/journal/${world.organisation.deviceId}`)
  return world.restart().then(
    () => 'started',
    (error: { code: string }) => error.code,
  )
}

function edit(disk: MemoryDisk, path: string, change: (lines: string[]) => string[]): void {
  const lines = Buffer.from(disk.files.get(path) ?? assert.fail(path))
    .toString()
    .split('\n')
    .slice(0, -1)
  disk.files.set(
    path,
    Buffer.from(
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  )
}

test('EVID-9: the hello names the first key of the journal, signed by the device for this enrolment alone', async () => {
  const world = new World()
  await world.start(world.organisation.token())
  const { hello }: { hello: EnrolHello } = await world.courier({ call: 'enrol-hello' })
  const fields = {
    tenant: bytes(world.organisation.tenant),
    tokenId: bytes(hello.tokenId),
    dik: bytes(hello.dik),
    nD: bytes(hello.nD),
  }
  const { lsk = '', lskSig = '' } = hello
  assert.ok(verifyDik(hello.dik, logKeyMessage(fields, bytes(lsk)), lskSig))
  assert.ok(!verifyDik(hello.dik, logKeyMessage({ ...fields, nD: Buffer.alloc(16) }, bytes(lsk)), lskSig))
  assert.deepEqual(keysOn(world.disk), [`/state/log-keys/${lsk}.key`])
})

test('EVID-9: a new enrolment gives a new journal with a first key of its own, and the old key goes', async () => {
  const world = await World.enrolled()
  const first = world.organisation.hello?.lsk
  await world.raised()
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  await world.courier({ call: 'deliver', message: { type: 'revoked' } })
  world.kill()
  world.power = { on: true }
  world.disk = world.disk.rebooted(world.power)
  await world.start(world.organisation.token())
  const { hello } = await world.courier({ call: 'enrol-hello' })
  assert.notEqual(hello.lsk, first)
  await world.courier({ call: 'enrol-welcome', welcome: world.organisation.welcome(hello) })
  await world.courier({ call: 'enrolled' })
  assert.equal(await world.verifySeals(), 3)
})

test('EVID-9: rights go up after their grant was sealed, and the key that signed is gone by then', async () => {
  const world = await World.enrolled()
  await world.ask()
  const { text } = world.organisation.response(await world.requestFact())
  const [before] = keysOn(world.disk)
  const raise = world.os.raise.bind(world.os)
  const atRaise: string[][] = []
  world.os.raise = async (order) => {
    atRaise.push(keysOn(world.disk))
    return raise(order)
  }
  await world.ok(anna, { call: 'answer', text })
  const [there] = atRaise
  assert.equal(there?.length, 1)
  assert.notEqual(there?.[0], before)
  await world.ok(anna, { call: 'end' })
  await world.clock.pass(0)
  const types = await world.types()
  const grant = types.indexOf('grant.admitted')
  assert.deepEqual(types.slice(grant, grant + 5), [
    'grant.admitted',
    'seal.rotate',
    'session.start',
    'session.end',
    'seal.rotate',
  ])
  assert.equal(await world.verifySeals(), types.length)
})

for (const [step, file] of [
  ['the next key cannot be kept', '.key'],
  ['the checkpoint cannot be kept', 'checkpoints.jsonl'],
]) {
  test(`EVID-9: when ${step}, nothing is raised and the session is over as raise-failed`, async () => {
    const world = await World.enrolled()
    await world.ask()
    const { text } = world.organisation.response(await world.requestFact())
    world.disk.fullFor = file ?? ''
    world.disk.full = true
    assert.equal(await world.no(anna, { call: 'answer', text }), 'fault:disk-full')
    assert.ok(!world.os.calls.some((call) => call.startsWith('raise')))
    await world.clock.pass(31_000)
    world.disk.full = false
    await world.clock.pass(31_000)
    assert.equal((await world.facts('session.end'))[0]?.body.reason, 'raise-failed')
    assert.equal(await world.verifySeals(), (await world.entries()).length)
    await world.raised()
  })
}

test('EVID-9: a live session is sealed after fifteen minutes', async () => {
  const world = await World.enrolled()
  await world.raised(anna, 40)
  const before = seals(world)
  await world.clock.pass(14 * 60_000)
  assert.equal(seals(world), before)
  await world.clock.pass(2 * 60_000)
  assert.equal(seals(world), before + 1)
  await world.clock.pass(10 * 60_000)
  assert.equal(seals(world), before + 1, 'nothing was written that needs another one')
})

test('EVID-9: a live session is sealed after 256 entries, however fast they come', async () => {
  const world = await World.enrolled()
  await world.raised()
  const before = seals(world)
  for (let i = 0; i < 250; i++) world.recorder.starts(anna, ['/usr/bin/id'])
  await world.clock.pass(2_000)
  assert.equal(seals(world), before)
  for (let i = 0; i < 10; i++) world.recorder.starts(anna, ['/usr/bin/id'])
  await world.clock.pass(2_000)
  assert.equal(seals(world), before + 1)
})

test('EVID-9: what was written is sealed when the agent stops, when it starts, and before it leaves the computer', async () => {
  const world = await World.enrolled()
  assert.equal(seals(world), 0)
  await world.agent.stop()
  assert.equal(seals(world), 1)
  await world.restart()
  assert.equal(seals(world), 1)
  await world.ask()
  await world.restart()
  assert.equal(seals(world), 2)
  await world.ask(bert)
  const page = await world.courier({ call: 'journal', from: 0, limit: 500 })
  assert.equal(seals(world), 3)
  assert.deepEqual([page.checkpoints.length, page.length, page.receipt], [3, page.entries.length, null])
})

test('EVID-9: a disk that lets nobody seal does not keep the journal on the computer', async () => {
  const world = await World.enrolled()
  world.disk.fullFor = '.key'
  world.disk.full = true
  const page = await world.courier({ call: 'journal', from: 0, limit: 500 })
  assert.deepEqual([page.entries.length, page.checkpoints], [2, []])
  assert.ok(world.errors.some((line) => line.startsWith('the journal could not be sealed')))
})

test('EVID-9: a seal.rotate leaves the computer together with its checkpoint, on whichever page', async () => {
  const world = await World.enrolled()
  await world.raised()
  const { entries } = await world.upload()
  const { tenant, deviceId } = world.organisation
  for (let from = 0; from < entries.length; from++) {
    const page = await world.courier({ call: 'journal', from, limit: 1 })
    const [{ header, body }] = page.entries
    const isSeal = JSON.parse(header).type === 'seal.rotate'
    assert.equal(page.checkpoints.length, isSeal ? 1 : 0, `entry ${from}`)
    if (isSeal) assert.equal(readVkey(body.next).name, deviceOrigin(tenant, deviceId))
  }
  const without = await World.enrolled()
  without.disk.fullFor = 'checkpoints.jsonl'
  without.disk.full = true
  const page = await without.courier({ call: 'journal', from: 0, limit: 500 })
  assert.deepEqual([page.entries.length, page.length], [2, 3], 'held back until it has one')
  assert.deepEqual((await without.courier({ call: 'journal', from: 2, limit: 500 })).entries, [])
})

test('EVID-12, EVID-9: a start with a seal, its key or the end of the journal missing is refused', async () => {
  assert.equal(await startsWithout(() => undefined), 'started')
  const noKey = (disk: MemoryDisk) => {
    for (const path of keysOn(disk)) disk.files.delete(path)
  }
  assert.equal(await startsWithout(noKey), 'journal-damaged')
  const otherKey = (disk: MemoryDisk) => {
    for (const path of keysOn(disk)) disk.files.set(path, Buffer.from('77'.repeat(32)))
  }
  assert.equal(await startsWithout(otherKey), 'journal-damaged')
  const checkpoints = (change: (lines: string[]) => string[]) => (disk: MemoryDisk, dir: string) =>
    edit(disk, `${dir}/checkpoints.jsonl`, change)
  assert.equal(await startsWithout(checkpoints(() => [])), 'journal-damaged')
  assert.equal(await startsWithout(checkpoints((lines) => lines.slice(0, -1))), 'journal-damaged')
  assert.equal(await startsWithout(checkpoints((lines) => [...lines].reverse())), 'journal-damaged')
  assert.equal(await startsWithout(checkpoints(() => ['{}'])), 'journal-damaged')
  const cut = (disk: MemoryDisk, dir: string) => {
    edit(disk, `${dir}/000000000000000.jsonl`, (lines) => lines.slice(0, 3))
    const state = JSON.parse(Buffer.from(disk.files.get('/state/state.json') ?? []).toString())
    disk.files.set('/state/state.json', Buffer.from(JSON.stringify({ ...state, journalSize: 0 })))
  }
  assert.equal(await startsWithout(cut), 'journal-damaged')
})

test('the key of a checkpoint is never in the file that everything else is kept in', async () => {
  const world = await World.enrolled()
  const [path] = keysOn(world.disk)
  const seed = Buffer.from(world.disk.files.get(path ?? '') ?? []).toString()
  assert.match(seed, /^[0-9a-f]{64}$/)
  for (const [name, content] of world.disk.files)
    if (name !== path) assert.ok(!Buffer.from(content).includes(seed), name)
})
