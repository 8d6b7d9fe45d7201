import assert from 'node:assert/strict'
import { readHeader, readVkey } from '@stint/chain'
import type { LedgerEntry } from '@stint/wire/console'
import type { JournalBody } from '@stint/wire/journal'
import { verifySeals } from '../../../apps/agent/test/seal-chain.ts'
import type { World } from '../world.ts'
import type { Computer } from './computer.ts'

/**
 * What must be true at the end of every story, whatever happened in it. First everybody comes back and is given the
 * time to say what they have to say; then the two sides are laid beside each other.
 */
export async function holdsTogether(world: World): Promise<void> {
  await everybodyComesBack(world)
  const ledger = await world.owner.ledger()
  const journals = await Promise.all(world.computers.map(journalOf))
  for (const journal of journals) {
    grantedOnce(journal)
    assert.equal(await arrived(world, journal), true, `the journal of ${journal.computer.name} arrived whole`)
    rightsAreExplained(journal)
    await sealedBeforeRights(world, journal)
  }
  decidedOnce(ledger)
  await issuedFirst(world, ledger)
  await sessionsAgree(world, journals)
  assert.equal(await world.server.running.slices.ledger.firstBroken(), null)
  assert.deepEqual(world.server.faults, [])
  for (const { name, faults } of world.computers) assert.deepEqual(faults, [], name)
}

async function everybodyComesBack(world: World): Promise<void> {
  world.issuer.comesBack()
  await world.server.comesBack()
  for (const computer of world.computers) {
    computer.network.mend()
    if (!computer.agentRuns) await computer.agentStarts()
  }
  await world.clock.pass({ minutes: 6 })
}

interface Journal {
  readonly computer: Computer
  /** Null for a computer that never had one. */
  readonly deviceId: string | null
  readonly headers: readonly string[]
  readonly grants: readonly JournalBody<'grant.admitted'>[]
  readonly starts: readonly JournalBody<'session.start'>[]
  readonly ends: readonly JournalBody<'session.end'>[]
}

async function journalOf(computer: Computer): Promise<Journal> {
  const { deviceId } = await computer.state()
  if (deviceId === null) return { computer, deviceId, headers: [], grants: [], starts: [], ends: [] }
  return {
    computer,
    deviceId,
    headers: (await computer.entries()).map(({ header }) => header),
    grants: await computer.facts('grant.admitted'),
    starts: await computer.facts('session.start'),
    ends: await computer.facts('session.end'),
  }
}

/** No request and no token was used twice; every session has one grant, one start, at most one end, one raise. */
function grantedOnce({ computer, grants, starts, ends }: Journal): void {
  const name = computer.name
  isEachOnce(
    grants.map(({ requestId }) => requestId),
    `${name}: a request was granted twice`,
  )
  isEachOnce(
    grants.flatMap(({ jti }) => jti ?? []),
    `${name}: a token was used twice`,
  )
  isEachOnce(
    starts.map(({ sessionId }) => sessionId),
    `${name}: a session started twice`,
  )
  isEachOnce(
    ends.map(({ sessionId }) => sessionId),
    `${name}: a session ended twice`,
  )
  isEachOnce(
    computer.os.calls.filter((call) => call.startsWith('raise ')),
    `${name}: raised twice`,
  )
  const granted = new Set(grants.map(({ sessionId }) => sessionId))
  for (const { sessionId } of [...starts, ...ends]) assert.ok(granted.has(sessionId), `${name}: no grant`)
}

/**
 * The server has the journal, every entry once, in order. Of a computer that was put out it has a beginning: what was
 * stored before.
 */
async function arrived(world: World, { computer, deviceId, headers }: Journal): Promise<boolean> {
  if (deviceId === null) return true
  const { read } = world.server.db
  const device = await read.selectFrom('device').selectAll().where('id', '=', deviceId).executeTakeFirst()
  const rows = await read
    .selectFrom('journal_entry')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('seq')
    .execute()
  const stored = rows.map(({ header }) => header)
  if (device?.state === 'enrolled') assert.deepEqual(stored, headers, computer.name)
  const isBeginning = stored.every((header, seq) => headers[seq] === header)
  return isBeginning || device?.state === 'suspended'
}

/**
 * Somebody who knows only the first key that the server noted verifies every seal of the journal; every grant that
 * became rights was sealed before, and receipts are noted by their hash (EVID-9, EVID-13).
 */
async function sealedBeforeRights(world: World, { computer, deviceId, headers }: Journal): Promise<void> {
  if (deviceId === null) return
  const { read } = world.server.db
  const device = await read.selectFrom('device').selectAll().where('id', '=', deviceId).executeTakeFirst()
  const { name, publicKey } = readVkey(device?.log_key ?? assert.fail(`${computer.name}: no first key`))
  const [, tenant = ''] = name.split('/')
  const lsk = Buffer.from(publicKey).toString('hex')
  const { sealed } = verifySeals(await computer.upload(), { tenant, deviceId, lsk })
  assert.ok(sealed > 0, `${computer.name}: nothing is sealed`)
  const types = headers.map((header) => readHeader(header).type)
  const raises = computer.os.calls.filter((call) => call.startsWith('raise ')).length
  const afterSeal = types.filter(
    (type, seq) =>
      type === 'session.start' &&
      types.lastIndexOf('seal.rotate', seq) > types.lastIndexOf('grant.admitted', seq),
  )
  assert.ok(afterSeal.length >= raises, `${computer.name}: rights went up before their grant was sealed`)
  const receipts = await computer.facts('receipt')
  assert.ok(
    receipts.every(({ hash }) => hash !== undefined),
    `${computer.name}: a receipt without its hash`,
  )
}

/** Whoever has rights has a session that has not ended. */
function rightsAreExplained({ computer, starts, ends }: Journal): void {
  const over = new Set(ends.map(({ sessionId }) => sessionId))
  const live = starts.filter(({ sessionId }) => !over.has(sessionId))
  for (const person of computer.people) {
    const mine = live.filter(({ userName }) => userName === person)
    const canAct = computer.os.canAct(computer.uidOf(person))
    assert.equal(canAct, mine.length === 1, `${person} on ${computer.name}: rights and journal agree`)
  }
}

function decidedOnce(ledger: readonly LedgerEntry[]): void {
  const decided = ledger.filter(({ type }) => type === 'request.decided').map(({ subject }) => subject)
  isEachOnce(decided, 'a request was decided twice')
}

/** Nothing was issued that nobody decided, and nothing that the issuer has no record of (EVID-4, KEY-6). */
async function issuedFirst(world: World, ledger: readonly LedgerEntry[]): Promise<void> {
  const recorded = new Set(world.issuer.answers().map(({ approvalId }) => approvalId))
  for (const [at, { type, subject, body }] of ledger.entries()) {
    if (type !== 'code.issued') continue
    const isDecided = (one: LedgerEntry) => one.type === 'request.decided' && one.subject === subject
    assert.ok(ledger.slice(0, at).some(isDecided), `${subject} was issued before it was decided`)
    assert.ok(recorded.has((body as { approvalId: string }).approvalId), `${subject} is not recorded`)
  }
}

/** The server knows exactly the sessions of the journals that it has, each with an approval before its start. */
async function sessionsAgree(world: World, journals: readonly Journal[]): Promise<void> {
  const known = await world.owner.sessions()
  isEachOnce(
    known.map(({ id }) => id),
    'a session is known twice',
  )
  const devices = await world.owner.devices()
  for (const { deviceId, starts, ends } of journals) {
    if (devices.find(({ id }) => id === deviceId)?.state !== 'enrolled') continue
    const over = new Set(ends.map(({ sessionId }) => sessionId))
    const mine = known.filter(({ device }) => device.id === deviceId)
    const there = starts.map(({ sessionId }) => [sessionId, over.has(sessionId) ? 'ended' : 'live'])
    assert.deepEqual(mine.map(({ id, state }) => [id, state]).sort(), there.sort())
  }
  for (const { id, requestId } of known) {
    const request = await world.owner.request({ requestId: requestId ?? assert.fail(`${id}: no request`) })
    assert.equal(request.state, 'approved', `${id}: its request is not approved`)
  }
}

function isEachOnce(names: readonly string[], complaint: string): void {
  assert.equal(new Set(names).size, names.length, complaint)
}
