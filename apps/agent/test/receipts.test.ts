import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leafOf, receiptHash } from '@stint/chain'
import { weaknesses } from '@stint/elevation'
import { Ledger } from './ledger.ts'
import { anna, World } from './world.ts'

const at = '2026-11-22T09:00:00.000Z'

/** The whole journal goes to the server, which answers with this proof. */
async function sync(world: World, proof: (checkpoint: string) => string | null) {
  const { entries, checkpoints } = await world.upload()
  const last = entries.at(-1) ?? assert.fail('an empty journal')
  const checkpoint = checkpoints.at(-1) ?? assert.fail('nothing is sealed')
  return { upTo: entries.length, leaf: leafOf(last.header), at, proof: proof(checkpoint) }
}

const goodProof = (world: World) => (checkpoint: string) =>
  world.organisation.ledger.receipt(world.organisation.deviceId, checkpoint)
const kept = (world: World) =>
  [...world.disk.files.keys()]
    .filter((path) => path.endsWith('.tlog-proof'))
    .map((path) => path.split('/').at(-1))

test('EVID-13: a receipt whose proof holds is kept, noted by its hash, and named at the next upload', async () => {
  const world = await World.enrolled()
  await world.ask()
  const receipt = await sync(world, goodProof(world))
  await world.courier({ call: 'receipt', receipt })
  assert.deepEqual((await world.courierState()).journal, { size: 5, received: 4 })
  const hash = receiptHash(receipt.proof ?? '')
  assert.deepEqual(
    (await world.facts('receipt')).map(({ body }) => body),
    [{ upTo: 4, at, hash }],
  )
  const page = await world.courier({ call: 'journal', from: 4, limit: 500 })
  assert.deepEqual([page.receipt, page.length, page.checkpoints], [hash, 5, []])
  assert.deepEqual(kept(world), ['4.tlog-proof'])
  await world.restart()
  assert.equal((await world.courier({ call: 'journal', from: 4, limit: 1 })).receipt, hash)
})

test('EVID-13: a receipt for nothing but receipts and seals is not noted: it would go on for ever', async () => {
  const world = await World.enrolled()
  await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
  for (let i = 0; i < 5; i++)
    await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
  assert.deepEqual(await world.types(), ['policy.applied', 'boot', 'seal.rotate', 'receipt'])
  assert.deepEqual((await world.courierState()).journal, { size: 4, received: 4 })
  await world.ask()
  await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
  assert.equal((await world.facts('receipt')).length, 2)
})

test('EVID-3: an answer without a proof counts what the server has and is not noted', async () => {
  const world = await World.enrolled()
  await world.courier({ call: 'receipt', receipt: await sync(world, () => null) })
  assert.deepEqual((await world.courierState()).journal, { size: 3, received: 3 })
})

test('EVID-13: a receipt that proves nothing is refused and told, and nothing counts as received', async () => {
  const world = await World.enrolled()
  await world.ask()
  const { tenant, deviceId } = world.organisation
  const wrong: Record<string, (checkpoint: string) => string> = {
    'receipt-signature': (checkpoint) => new Ledger(tenant).receipt(deviceId, checkpoint),
    'receipt-subject': (checkpoint) => world.organisation.ledger.receipt('ab'.repeat(16), checkpoint),
    'receipt-form': () => 'c2sp.org/tlog-proof@v1\n',
  }
  for (const [code, proof] of Object.entries(wrong)) {
    const receipt = await sync(world, proof)
    const reply = await world.agent.courierCall({ id: 99, call: 'receipt', receipt })
    assert.ok(!reply.ok && 'refused' in reply, code)
    assert.deepEqual([reply.refused.code, reply.refused.details], ['wrong-signature', { reason: code }])
    assert.equal((await world.courierState()).journal.received, 0)
  }
  assert.deepEqual(await world.facts('receipt'), [])
  assert.ok(world.errors.some((line) => line.startsWith('a receipt of the server was refused')))
  const told = async () => (await world.courierState()).status?.facts.weaknesses ?? []
  assert.ok((await told()).includes(weaknesses['receipt-refused']))
  await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
  assert.ok(!(await told()).includes(weaknesses['receipt-refused']))
})

test('EVID-3, EVID-13: a server that was set back gets the entries again, and its proof is not noted', async () => {
  const world = await World.enrolled()
  await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
  await world.ask()
  const before = await world.upload()
  const entry = before.entries[1] ?? assert.fail('no entry')
  const proof = goodProof(world)(before.checkpoints.at(-1) ?? '')
  await world.courier({ call: 'receipt', receipt: { upTo: 2, leaf: leafOf(entry.header), at, proof } })
  assert.equal((await world.courierState()).journal.received, 2)
  assert.equal((await world.facts('receipt')).length, 1)
  const page = await world.courier({ call: 'journal', from: 2, limit: 500 })
  assert.equal(page.checkpoints.length, before.checkpoints.length)
})

test('the newest sixteen receipts are kept', async () => {
  const world = await World.enrolled()
  for (let i = 0; i < 18; i++) {
    await world.ask(anna)
    await world.ok(anna, { call: 'withdraw' })
    await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
    await world.clock.pass(30 * 60_000)
  }
  assert.equal((await world.facts('receipt')).length, 18)
  assert.equal(kept(world).length, 16)
})

test('EVID-2, EVID-13: the power goes at any step of keeping a receipt: it is noted once, with its text', async () => {
  for (const when of ['before', 'torn', 'after'] as const)
    for (let step = 1; step <= 4; step++) {
      const world = await World.enrolled()
      const receipt = await sync(world, goodProof(world))
      world.disk.cutAt = { step: world.disk.steps + step, when }
      await world.agent.courierCall({ id: 99, call: 'receipt', receipt })
      await world.reboot()
      await world.courier({ call: 'receipt', receipt: await sync(world, goodProof(world)) })
      const facts = await world.facts('receipt')
      const names = facts.map(({ body }) => body.hash)
      assert.equal(new Set(names).size, facts.length, `step ${step} ${when}: noted twice`)
      const texts = [...world.disk.files].filter(([path]) => path.endsWith('.tlog-proof'))
      const hashes = texts.map(([, text]) => receiptHash(Buffer.from(text).toString()))
      for (const name of names) assert.ok(hashes.includes(name ?? ''), `step ${step} ${when}: no text`)
      assert.equal(await world.verifySeals(), (await world.types()).lastIndexOf('seal.rotate') + 1)
    }
})
