import type { Device } from './bundle.ts'
import type { Entry, Log } from './entries.ts'
import type { Report, Session, Word } from './findings.ts'
import type { JsonObject } from './formats.ts'
import type { Seals } from './journal.ts'

/** What journal and ledger say about each other and about sessions: E3 to E7 and E9 of spec/evidence.md. */

export interface Ground {
  readonly device: Device
  readonly journal: Log
  readonly ledger: Log
  readonly seals: Seals
  /** H of every receipt in the bundle. */
  readonly receipts: ReadonlySet<string>
}

type Fact = Entry & { readonly body: JsonObject }

/** Facts of a type that have a body, and whether any has none. */
function factsOf(log: Log, type: string): { readonly facts: Fact[]; readonly isSome: boolean } {
  const all = log.entries.filter((entry) => entry.type === type)
  const facts = all.filter((entry): entry is Fact => entry.body !== null)
  return { facts, isSome: facts.length < all.length }
}

export function compare(ground: Ground, report: Report): void {
  const { device, ledger } = ground
  checkBoots(ground.journal, report)
  checkCounters(ground.journal, report)
  checkReceiptEntries(ground, report)
  if (ledger.isBroken) report.skip('E3 to E5, E7 and E9 against the ledger', 'the ledger does not hold')
  else {
    const told = factsOf(ledger, 'device.checkpoint').facts.filter(
      ({ body }) => body.deviceId === device.deviceId,
    )
    checkTold(ground, told, report)
    checkReceiptsNamed(ground, told, report)
    checkCodes(ground, report)
  }
  checkSessions(ground, report)
  sealedSessions(ground, report)
}

// ---- E6

function checkBoots({ entries }: Log, report: Report): void {
  const seen = new Set<string>()
  let before: Entry | undefined
  for (const entry of entries) {
    const isSame = before?.boot === entry.boot
    if (isSame && before !== undefined && entry.up < before.up)
      report.find('boot-back', 'journal', entry.seq, `${entry.up} ms after ${before.up} ms`)
    if (!isSame && seen.has(entry.boot))
      report.find('boot-back', 'journal', entry.seq, `boot ${entry.boot} again`)
    seen.add(entry.boot)
    before = entry
  }
}

function checkCounters(journal: Log, report: Report): void {
  const { facts, isSome } = factsOf(journal, 'request.created')
  if (isSome) report.skip('E6 counter-back for some requests', 'their bodies are not here')
  let last = 0
  for (const { seq, body } of facts) {
    const counter = count(body.counter)
    if (counter === null) continue
    if (counter <= last) report.find('counter-back', 'journal', seq, `counter ${counter} after ${last}`)
    last = Math.max(last, counter)
  }
}

// ---- E3 and E9

/** What the ledger holds of this computer's checkpoints. */
function checkTold({ device, journal, seals }: Ground, told: readonly Fact[], report: Report): void {
  const end = device.from + journal.entries.length
  const isSession = device.sessionId !== null
  if (isSession) report.skip('E3 rolled-back', 'this is the bundle of a session')
  else if (journal.isBroken) report.skip('E3 rolled-back', 'the journal does not hold')
  let size = 0
  let length = 0
  for (const { seq, body } of told) {
    const now = { size: count(body.size) ?? 0, length: count(body.length) ?? 0 }
    const root = seals.roots.get(now.size)
    if (root !== undefined && root !== body.root)
      report.find('fork', 'ledger', seq, `another root at size ${now.size}`)
    const isShort = !journal.isBroken && end < now.size
    if (!isSession && (isShort || now.size < size || now.length < length))
      report.find(
        'rolled-back',
        'ledger',
        seq,
        `size ${now.size}, length ${now.length}; the journal ends at ${end}`,
      )
    size = Math.max(size, now.size)
    length = Math.max(length, now.length)
  }
}

function checkReceiptEntries({ device, journal, receipts }: Ground, report: Report): void {
  if (device.from > 0) {
    report.skip('E9', 'this bundle does not begin with the journal')
    return
  }
  for (const { seq, body } of factsOf(journal, 'receipt').facts)
    if (typeof body.hash !== 'string') report.skip(`E9 receipt-unknown of entry ${seq}`, 'it names no hash')
    else if (!receipts.has(body.hash))
      report.find('receipt-unknown', 'journal', seq, 'no such text is in the bundle')
}

function checkReceiptsNamed({ device, journal }: Ground, told: readonly Fact[], report: Report): void {
  if (device.from > 0) return
  const at = new Map(factsOf(journal, 'receipt').facts.map(({ seq, body }) => [body.hash, seq]))
  let newest = -1
  let hasNamed = false
  for (const { seq, body } of told) {
    const { receipt = null } = body
    const length = count(body.length) ?? 0
    const entry = receipt === null ? undefined : at.get(receipt)
    const isReached = length <= journal.entries.length
    if (receipt === null && hasNamed)
      report.find('receipt-missing', 'ledger', seq, 'it names no receipt any more')
    else if (receipt !== null && !isReached)
      report.skip(`E9 receipt-missing of ledger entry ${seq}`, `the journal does not reach ${length}`)
    else if (receipt !== null && (entry === undefined || entry >= length))
      report.find('receipt-missing', 'ledger', seq, `no entry below ${length} names this receipt`)
    if (entry !== undefined && entry < newest)
      report.find('receipt-missing', 'ledger', seq, 'it names an older receipt than before')
    hasNamed ||= receipt !== null
    newest = Math.max(newest, entry ?? -1)
  }
}

// ---- E4, E5 and E7 of answers

function checkCodes({ device, journal, ledger }: Ground, report: Report): void {
  const issued = factsOf(ledger, 'code.issued')
  const codes = issued.facts.filter(({ body }) => body.deviceId === device.deviceId)
  const grants = factsOf(journal, 'grant.admitted')
  checkCodesSeen({ device, journal }, codes, grants, report)
  const used = new Set<number>()
  for (const { seq, body } of grants.facts) {
    const { credential, jti = null } = body
    const counter = count(body.counter)
    if ((credential !== 'response-code' && credential !== 'answer-token') || counter === null) {
      report.skip(`E4 and E5 of entry ${seq}`, 'not made for this kind of credential yet')
      continue
    }
    if (used.has(counter)) report.find('use-twice', 'journal', seq, `counter ${counter}`)
    used.add(counter)
    const its = codes.filter((code) => code.body.counter === counter)
    const fitting = credential === 'answer-token' ? its.filter((code) => code.body.jti === jti) : its
    // In a whole ledger what has no body is about others; in a selected one it was chosen, and then dropped.
    if (fitting.length > 0) checkAmount(seq, body, fitting, report)
    else if (issued.isSome && !device.isWhole)
      report.skip(`E5 and E7 of entry ${seq}`, 'bodies of code.issued are not here')
    else report.find('use-not-issued', 'journal', seq, `counter ${counter}`)
  }
}

function checkAmount(seq: number, body: JsonObject, codes: readonly Fact[], report: Report): void {
  const granted = count(body.grantedSeconds)
  const minutes = codes.map((code) => count(code.body.minutes))
  if (granted === null || minutes.includes(null))
    report.skip(`E7 more-than-granted of entry ${seq}`, 'no minutes were written down')
  else if (granted > Math.max(...minutes.map((each) => each ?? 0)) * 60)
    report.find('more-than-granted', 'journal', seq, `${granted} s of ${minutes.join(', ')} minutes`)
}

function checkCodesSeen(
  { device, journal }: Pick<Ground, 'device' | 'journal'>,
  codes: readonly Fact[],
  grants: { readonly facts: readonly Fact[]; readonly isSome: boolean },
  report: Report,
): void {
  const requests = factsOf(journal, 'request.created')
  const voids = factsOf(journal, 'request.void')
  const isSome = requests.isSome || voids.isSome || grants.isSome
  const voided = new Set(voids.facts.map(({ body }) => body.requestId))
  for (const { seq, body } of codes) {
    const counter = count(body.counter)
    const own = requests.facts.find((each) => each.body.counter === counter)
    const isClosed =
      grants.facts.some((each) => each.body.counter === counter) || voided.has(own?.body.requestId ?? null)
    const isPassed = requests.facts.some(
      (each) =>
        (count(each.body.counter) ?? 0) > (counter ?? 0) &&
        (own === undefined || own.body.userId === each.body.userId),
    )
    if (isClosed || !isPassed) continue
    if (isSome) report.skip(`E4 of ledger entry ${seq}`, 'bodies of the journal are not here')
    else if (own === undefined && device.from > 0)
      report.skip(`E4 of ledger entry ${seq}`, 'its request is before this bundle')
    else report.find('code-never-seen', 'ledger', seq, `counter ${counter}`)
  }
}

// ---- E7 of sessions, and their verdicts

function checkSessions({ journal }: Ground, report: Report): void {
  const grants = factsOf(journal, 'grant.admitted')
  const ends = factsOf(journal, 'session.end')
  const seals = journal.entries.filter(({ type }) => type === 'seal.rotate')
  for (const start of factsOf(journal, 'session.start').facts) {
    const { sessionId = null, startedAt, endsAt } = start.body
    const grant = grants.facts.find(({ seq, body }) => body.sessionId === sessionId && seq < start.seq)
    if (grant === undefined && grants.isSome) {
      report.skip(`E7 of entry ${start.seq}`, 'its grant is not here')
      continue
    }
    if (!seals.some(({ seq }) => grant !== undefined && seq > grant.seq && seq < start.seq))
      report.find(
        'raised-unsealed',
        'journal',
        start.seq,
        grant === undefined ? 'no grant' : 'no seal since the grant',
      )
    const seconds = count(grant?.body.grantedSeconds)
    const [from, to] = [time(startedAt), time(endsAt)]
    if (seconds === null || from === null || to === null) {
      report.skip(`E7 of entry ${start.seq}`, 'it says no times')
      continue
    }
    if (to > from + seconds * 1000)
      report.find(
        'more-than-granted',
        'journal',
        start.seq,
        `until ${endsAt}, granted ${seconds} s from ${startedAt}`,
      )
    const end = ends.facts.find(({ seq, body }) => body.sessionId === sessionId && seq > start.seq)
    if (end === undefined) continue
    const isOther = end.boot !== start.boot
    if (isOther || end.up > start.up + (seconds + 60) * 1000)
      report.find(
        'lowered-late',
        'journal',
        end.seq,
        isOther ? 'in another boot' : `${end.up - start.up} ms of ${seconds} s`,
      )
  }
}

/** The verdict of each session that can be seen, and what is not sealed. */
function sealedSessions({ device, journal, seals }: Ground, report: Report): void {
  const last = device.from + journal.entries.length - 1
  if (last >= seals.sealedTo) report.notSealed = { from: seals.sealedTo, to: last }
  const begins = new Map<string, number>()
  for (const { type, seq, body } of journal.entries)
    if ((type === 'grant.admitted' || type === 'session.start') && typeof body?.sessionId === 'string')
      begins.set(body.sessionId, Math.min(seq, begins.get(body.sessionId) ?? seq))
  report.sessions = [...begins].map(([sessionId, from]) =>
    verdictOf(sessionId, from, { journal, seals, last }, report),
  )
  if (device.sessionId !== null && !begins.has(device.sessionId))
    report.skip(`the verdict of session ${device.sessionId}`, 'its bodies are not here')
  if (journal.entries.some(({ type, body }) => type === 'session.start' && body === null))
    report.skip('the verdict of some sessions', 'their bodies are not here')
}

function verdictOf(
  sessionId: string,
  from: number,
  { journal, seals, last }: Pick<Ground, 'journal' | 'seals'> & { readonly last: number },
  { findings }: Report,
): Session {
  const its = journal.entries.filter(({ body }) => body?.sessionId === sessionId)
  const end = its.find(({ type }) => type === 'session.end')
  const seal = journal.entries.find(
    ({ type, seq }) => type === 'seal.rotate' && end !== undefined && seq > end.seq,
  )
  if (seal === undefined || seal.seq >= seals.sealedTo)
    return { sessionId, verdict: 'not yet reported', from, to: last, because: null }
  const to = seal.seq
  const isAbout = (number: number, word: Word) =>
    number >= from && number <= (word.startsWith('checkpoint-') ? to + 1 : to)
  const finding = findings.find(({ log, number, word }) => log === 'journal' && isAbout(number, word))
  const gap = its.find(({ type }) => type === 'recording.gap')
  const cause =
    finding !== undefined ? finding.word : gap !== undefined ? String(gap.body?.cause ?? '') : null
  return { sessionId, verdict: cause === null ? 'complete' : 'incomplete', from, to, because: cause }
}

// ---- values of bodies

function count(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? value : null
}

/** Milliseconds since 1970 of `YYYY-MM-DDThh:mm:ss.sssZ`. */
function time(value: unknown): number | null {
  const at = typeof value === 'string' ? new Date(value) : new Date(Number.NaN)
  return Number.isNaN(at.getTime()) || at.toISOString() !== value ? null : at.getTime()
}
