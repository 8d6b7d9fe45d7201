import assert from 'node:assert/strict'
import { leafOf } from '@stint/chain'
import type { JournalEntry } from '@stint/wire/journal'
import { guess } from '../story/harness/guess.ts'
import { anna, bert, FaultyComputer, type JournalFact } from './faulty-computer.ts'
import { AgentGone } from './socket-line.ts'

/** What a person and a server were told while it went on: what may not be taken back. */
export interface Heard {
  /** Verdicts `bad`. */
  bad: number
  /** Wrong codes that were sent. */
  guesses: number
  /** The right code was answered with a session. */
  raised: boolean
  /** Its `end` was answered with the end. */
  ended: boolean
  /** Entries with a receipt that the agent took. */
  acknowledged: readonly JournalEntry[]
  /** For messages: where it stopped. */
  readonly words: string[]
  /** Rights that went up although the files did not have what must be there first. */
  readonly unrecorded: string[]
}

export interface Scene {
  readonly computer: FaultyComputer
  /** The right answer to the open request, for 15 minutes. */
  readonly code: string
  readonly requestCode: string
}

/** A computer on which Anna has asked and nothing was answered; `from.code` is the answer. */
export async function asked(): Promise<Scene> {
  const computer = await FaultyComputer.enrolled()
  const wish = { call: 'request', mode: 'session', reason: 'Install the printer', offline: true }
  assert.equal(await computer.word(wish), 'ok')
  const [fact] = await computer.facts('request.created')
  assert.ok(fact)
  assert.equal(await computer.stop(), 0)
  return { computer, code: computer.organisation.response(fact, 15).text, requestCode: fact.requestCode }
}

/**
 * Flow 7 to 11: two wrong codes, the right one, a program, the end, and the journal carried to the server in two
 * parts. Goes on as far as the agent answers.
 */
export async function oneSession({ computer, code, requestCode }: Scene): Promise<Heard> {
  const heard: Heard = {
    bad: 0,
    guesses: 0,
    raised: false,
    ended: false,
    acknowledged: [],
    words: [],
    unrecorded: [],
  }
  computer.onOsCall = (name) => {
    if (name === 'raise') heard.unrecorded.push(...missingForRights(computer))
  }
  for (const number of [1, 2]) {
    heard.guesses += 1
    const word = await say(computer, heard, { call: 'answer', text: guess(requestCode, number) })
    if (word === 'bad') heard.bad += 1
  }
  heard.raised = (await say(computer, heard, { call: 'answer', text: code })) === 'ok'
  await upload(computer, heard)
  await computer.program(anna, ['/usr/bin/id'])
  await computer.pass(300)
  heard.ended = (await say(computer, heard, { call: 'end' })) === 'ok'
  await computer.pass(0)
  await upload(computer, heard)
  return heard
}

async function say(computer: FaultyComputer, heard: Heard, call: Readonly<Record<string, unknown>>) {
  const word = await computer.word(call)
  heard.words.push(word)
  return word
}

/** As the courier does it. What was read is stored by the server, whether its receipt comes back or not. */
async function upload(computer: FaultyComputer, heard: Heard): Promise<void> {
  try {
    const entries = await computer.entries()
    const leaf = leafOf(entries.at(-1)?.header ?? '')
    const receipt = { upTo: entries.length, leaf, at: new Date(computer.now.wallMs).toISOString() }
    heard.acknowledged = entries
    await computer.courier({ call: 'receipt', receipt })
  } catch (error) {
    heard.words.push(error instanceof AgentGone ? 'gone' : 'no upload')
  }
}

/** What the files must have before rights go up, and do not: the record that says "over", the grant, the start. */
export function missingForRights(computer: FaultyComputer): readonly string[] {
  const record = computer.stateOnDisk().sessions.find(({ uid }) => uid === anna)
  if (!record) return ['a session record']
  const facts = computer.journalOnDisk()
  return (['grant.admitted', 'session.start'] as const).filter(
    (type) => !facts.some((fact) => fact.type === type && fact.body.sessionId === record.sessionId),
  )
}

/**
 * What holds whatever went wrong before, with an agent that has just been started on a sound disk. Lets the time of
 * the session pass, and tries the right code once more.
 */
export async function everythingIsInOrder({ computer, code }: Scene, heard: Heard): Promise<void> {
  const { os } = computer
  assert.deepEqual(heard.unrecorded, [], 'no rights before their record')
  const open = (await computer.status()).session
  if (os.canAct(anna)) {
    assert.ok(open, 'no rights without a session that is shown')
    assert.deepEqual(missingForRights(computer), [], 'no rights without a durable record')
  }
  if (heard.ended)
    assert.ok(!os.canAct(anna) && open?.endReason !== null, 'no rights after an end that was shown')
  assert.ok(!os.canAct(bert))
  nothingIsLost(await computer.entries(), heard.acknowledged)
  if (!heard.raised) guessesAreCounted(computer, await computer.journal(), heard)

  await computer.pass(20 * 60_000)
  assert.ok(!os.canAct(anna), 'no rights beyond the deadline')
  assert.equal((await computer.status()).session, null, 'no session beyond the deadline')
  await usedOnce(computer, code)
  nothingIsLost(await computer.entries(), heard.acknowledged)
}

function nothingIsLost(now: readonly JournalEntry[], acknowledged: readonly JournalEntry[]): void {
  assert.deepEqual(now.slice(0, acknowledged.length), acknowledged, 'what the server has is still here')
}

/** A verdict that was told is counted, in the limiter and in the journal; what was not sent is not. */
function guessesAreCounted(
  computer: FaultyComputer,
  facts: readonly JournalFact[],
  { bad, guesses }: Heard,
): void {
  const { limiter, requests } = computer.stateOnDisk()
  const user = limiter.users.find((known) => known.user === 'uid:1000:anna')
  const consumed = requests.some(({ state }) => state === 'approved')
  // The right code counts as a guess until it is found right.
  const counted = user?.failures ?? 0
  if (!consumed)
    assert.ok(counted >= bad && counted <= guesses + 1, `${counted} counted of ${bad} to ${guesses}`)
  const told = facts.filter(({ type }) => type === 'code.wrong').length
  assert.ok(told >= bad && told <= guesses, `${told} wrong codes in the journal, ${bad} to ${guesses} were`)
}

/** The right code is worth one session: the one that was, or one now. */
async function usedOnce(computer: FaultyComputer, code: string): Promise<void> {
  const word = await computer.word({ call: 'answer', text: code })
  const before = (await computer.facts('grant.admitted')).length
  assert.equal(before, 1, `the code is used once, and now ${word}`)
  if (word === 'ok') assert.equal(await computer.word({ call: 'end' }), 'ok')
  await computer.pass(60_000)
  const starts = await computer.facts('session.start')
  const ends = await computer.facts('session.end')
  const ids = (facts: readonly { readonly sessionId: string }[]) => facts.map(({ sessionId }) => sessionId)
  assert.equal(starts.length, 1, 'a grant has one start')
  assert.deepEqual(ids(ends), ids(starts), 'a start has one end')
  assert.ok(ends.every(({ proven }) => proven))
  const raises = computer.os.calls.filter((call) => call.startsWith('raise')).length
  assert.ok(raises <= 1, 'raised once')
  assert.equal(await computer.word({ call: 'answer', text: code }), 'consumed')
  assert.equal((await computer.facts('request.created')).length, 1)
}
