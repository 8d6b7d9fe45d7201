import {
  cosign,
  deviceOrigin,
  type Entry,
  ledgerOrigin,
  readReceipt,
  signCheckpoint,
  withLines,
} from '@stint/chain'
import { type Choice, type Files, filesOf, happen, jcs, stranger, witness } from './bundle.ts'
import { deviceId, hashOf, signer, tenant } from './keys.ts'
import { changed, indexOf, type Step, story, without } from './story.ts'

export interface Fault {
  readonly name: string
  readonly files: Files
  /** `code word log number` of everything that must be found. */
  readonly finds: readonly string[]
}

const whole: Choice = { ledger: 'whole' }
const selected: Choice = { ledger: 'selected' }

/** Files of a story that did not happen like this. */
const told = (steps: readonly Step[], choice = whole): Files => filesOf(happen(steps), choice)

function edited(name: string, change: (lines: string[]) => string[], choice = whole): Files {
  const files = told(story(), choice)
  const list = (files.get(name) ?? '').slice(0, -1).split('\n')
  return files.set(
    name,
    change(list)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

const swap = <T>(list: T[], i: number, value: T): T[] => list.with(i, value)
const entryAt = (line: string | undefined): Entry => JSON.parse(line ?? '')

/** The line with another header, its body hash made to fit. */
function rewritten(line: string | undefined, members: Record<string, unknown>, body?: unknown): string {
  const entry = entryAt(line)
  const content = body === undefined ? entry.body : body
  const bh = hashOf(`${entry.salt}.${jcs(content)}`)
  return jcs({ ...entry, body: content, header: jcs({ ...JSON.parse(entry.header), bh, ...members }) })
}

const editsOfJournal: readonly Fault[] = [
  {
    name: 'a body is edited',
    files: edited('events.jsonl', (list) => swap(list, 6, (list[6] ?? '').replace('expired', 'reboot!'))),
    finds: ['E1 entry-body journal 6'],
  },
  {
    name: 'a header is edited',
    files: edited('events.jsonl', (list) => swap(list, 4, rewritten(list[4], { up: 1 }))),
    finds: ['E1 entry-join journal 5', 'E6 boot-back journal 4'],
  },
  {
    name: 'a header that is not canonical',
    files: edited('events.jsonl', (list) => swap(list, 4, (list[4] ?? '').replace('\\"up\\"', ' \\"up\\"'))),
    finds: ['E1 entry-form journal 4'],
  },
  {
    name: 'an entry is deleted',
    files: edited('events.jsonl', (list) => list.toSpliced(5, 1)),
    finds: ['E1 entry-gap journal 5'],
  },
  {
    name: 'entries are reordered',
    files: edited('events.jsonl', (list) => list.toSpliced(4, 2, list[5] ?? '', list[4] ?? '')),
    finds: ['E1 entry-gap journal 4'],
  },
  {
    name: 'an entry is inserted',
    files: edited('events.jsonl', (list) =>
      list.toSpliced(5, 0, rewritten(list[5], {}, { sessionId: 'session-1' })),
    ),
    finds: ['E1 entry-gap journal 6'],
  },
  {
    name: 'an entry is put in the place of another',
    files: edited('events.jsonl', (list) =>
      swap(list, 5, rewritten(list[5], {}, { sessionId: 'session-1' })),
    ),
    finds: ['E1 entry-join journal 6'],
  },
  {
    name: 'the tail is cut off',
    files: edited('events.jsonl', (list) => list.slice(0, 22)),
    finds: ['E1 entry-gap journal 22'],
  },
  {
    name: 'the body of a seal is dropped',
    files: edited('events.jsonl', (list) =>
      swap(list, 7, jcs({ ...entryAt(list[7]), body: null, salt: null })),
    ),
    finds: ['E1 entry-body journal 7', 'E2 checkpoint-signature journal 8'],
  },
]

const editsOfLedger: readonly Fault[] = [
  {
    name: 'a body of the ledger is edited',
    files: edited('ledger.jsonl', (list) =>
      swap(list, 5, (list[5] ?? '').replace('"minutes":30', '"minutes":90')),
    ),
    finds: ['E1 entry-body ledger 5', 'E5 use-not-issued journal 2'],
  },
  {
    name: 'a proof of the ledger is edited',
    files: edited(
      'ledger.jsonl',
      (list) => swap(list, 4, rewritten(list[4], { t: '2026-11-22T07:00:00.000Z' })),
      selected,
    ),
    finds: ['E1 ledger-proof ledger 5'],
  },
  {
    name: 'an entry of a whole ledger is left out',
    files: edited('ledger.jsonl', (list) => list.toSpliced(5, 1)),
    finds: ['E1 entry-gap ledger 5'],
  },
  {
    name: 'the tail of a whole ledger is cut off',
    files: edited('ledger.jsonl', (list) => list.slice(0, -1)),
    finds: ['E1 ledger-proof ledger 19'],
  },
  {
    name: 'the ledger is signed by another key',
    files: ledgerSignedBy('thief'),
    finds: ['E2 checkpoint-signature ledger 19'],
  },
  { name: 'another witness has cosigned', files: otherWitness(), finds: ['E2 witness-missing ledger 19'] },
  { name: 'nobody has cosigned', files: withoutWitness(), finds: ['E2 witness-missing ledger 19'] },
  { name: 'the ledger forked after a receipt', files: forkedLedger(), finds: ledgerForks() },
]

function ledgerSignedBy(words: string): Files {
  const files = told(story())
  const [origin = '', size = '', root = ''] = (files.get('ledger-checkpoint.txt') ?? '').split('\n')
  const checkpoint = { origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex') }
  const note = signCheckpoint(checkpoint, [signer(ledgerOrigin(tenant), words)])
  return files.set('ledger-checkpoint.txt', withLines(note, cosign(note, witness, 1_800_000_000)))
}

function withoutWitness(): Files {
  const files = told(story())
  const note = (files.get('ledger-checkpoint.txt') ?? '').split('\n').slice(0, 5)
  return files.set('ledger-checkpoint.txt', `${note.join('\n')}\n`)
}

function otherWitness(): Files {
  const files = withoutWitness()
  const note = files.get('ledger-checkpoint.txt') ?? ''
  return files.set('ledger-checkpoint.txt', withLines(note, cosign(note, stranger, 1_800_000_000)))
}

/** The server shows the receipts of one history and the ledger of another, whose first fact differs. */
function forkedLedger(): Files {
  const files = told(story())
  const other = told(changed(story(), 'code.issued 1', { approver: 'eve' }))
  for (const name of ['ledger.jsonl', 'ledger-checkpoint.txt']) files.set(name, other.get(name) ?? '')
  for (const [name, text] of other) if (name.startsWith('consistency/')) files.set(name, text)
  return files
}

/** Every receipt of the first history contradicts the second. */
function ledgerForks(): string[] {
  const sizes = [...told(story())].flatMap(([name, text]) =>
    name.startsWith('receipts/') ? [readReceipt(text)] : [],
  )
  return sizes.map(({ checkpoint }) => `E3 fork ledger ${checkpoint.split('\n')[1]}`)
}

const histories: readonly Fault[] = [
  {
    name: 'the tail was cut off and the bundle made to fit',
    files: cutTo(22),
    finds: ['E3 rolled-back ledger 17', 'E3 rolled-back ledger 16'],
  },
  { name: 'two signed checkpoints of a size', files: forkedJournal(), finds: ['E3 fork ledger 16'] },
  {
    name: 'the past is written anew with the present key',
    files: rewrittenWith('lsk 8'),
    finds: ['E2 checkpoint-signature journal 8', 'E3 fork ledger 6', 'E9 receipt-unknown receipt 8'],
  },
  {
    name: 'a checkpoint is taken away',
    files: withoutCheckpoint(),
    finds: ['E2 checkpoint-missing journal 8'],
  },
  {
    name: 'a later upload says less',
    files: told(later({ length: 3 })),
    finds: ['E3 rolled-back ledger 17', 'E9 receipt-missing ledger 17'],
  },
  {
    name: 'the first key is not the one of enrolment',
    files: told(changed(story(), 'log-key', { lsk: '00'.repeat(32) })),
    finds: ['E2 checkpoint-signature ledger 1'],
  },
]

/** The journal as it was when it had `end` entries. */
function cutTo(end: number): Files {
  const files = edited('events.jsonl', (list) => list.slice(0, end))
  const { until: _, ...about } = JSON.parse(files.get('bundle.json') ?? '')
  files.set('bundle.json', `${jcs({ ...about, until: end })}\n`)
  const notes = (files.get('device-checkpoints.txt') ?? '').split('\n')
  const kept = Array.from({ length: (notes.length - 1) / 5 }, (_, i) => notes.slice(i * 5, i * 5 + 5)).filter(
    (note) => Number(note[1]) <= end,
  )
  files.set('device-checkpoints.txt', kept.map((note) => `${note.join('\n')}\n`).join(''))
  for (const name of [...files.keys()]) {
    const size = /^receipts\/(\d+)/.exec(name)?.[1]
    if (size !== undefined && Number(size) > end) files.delete(name)
  }
  return files
}

function later(fact: Record<string, unknown>): Step[] {
  const steps = story()
  return steps.map((step) =>
    step.key === 'upload 4' && step.kind === 'upload' ? { ...step, fact, isForgotten: true } : step,
  )
}

/** A clone signed another root of the size that upload 3 tells about. */
function forkedJournal(): Files {
  const root = 'ab'.repeat(32)
  const origin = deviceOrigin(tenant, deviceId)
  const note = signCheckpoint({ origin, size: 28, root }, [signer(origin, 'lsk 6')])
  const steps = story().map((step): Step => {
    return step.key === 'upload 3' && step.kind === 'upload'
      ? { ...step, fact: { root, note }, isForgotten: true }
      : step
  })
  return told(steps)
}

/** Whoever has the present key writes the past anew and signs it with that. */
function rewrittenWith(words: string): Files {
  const files = told(story())
  const steps = changed(story(), 'session.end 1', { reason: 'ended-by-user' })
  const forged = filesOf(
    happen(steps, (i) => (i > 0 && i < 7 ? words : `lsk ${i}`)),
    whole,
  )
  for (const name of ['events.jsonl', 'device-checkpoints.txt']) files.set(name, forged.get(name) ?? '')
  return files
}

function withoutCheckpoint(): Files {
  return edited('device-checkpoints.txt', (list) => list.toSpliced(5, 5))
}

const answers: readonly Fault[] = [
  {
    name: 'an answer that nobody gave',
    files: told(without(story(), 'code.issued 2'), selected),
    finds: ['E5 use-not-issued journal 10'],
  },
  {
    name: 'an answer token with another identity',
    files: told(changed(story(), 'grant.admitted 1', { jti: 'jti-9' })),
    finds: ['E5 use-not-issued journal 2'],
  },
  { name: 'one answer is used again', files: told(usedTwice()), finds: ['E5 use-twice journal 16'] },
  {
    name: 'a code was issued and is never seen again',
    files: told(without(story(), 'request.void 3')),
    finds: ['E4 code-never-seen ledger 11'],
  },
  {
    name: 'a code was issued for a request that is not there',
    files: told(without(story(), 'request.created 3', 'request.void 3')),
    finds: ['E4 code-never-seen ledger 11'],
  },
  {
    name: 'more was given than was agreed',
    files: told(changed(story(), 'grant.admitted 2', { grantedSeconds: 3600 })),
    finds: ['E7 more-than-granted journal 10'],
  },
  {
    name: 'the end is later than was granted',
    files: told(changed(story(), 'session.start 2', { endsAt: '2026-11-22T10:00:00.000Z' })),
    finds: ['E7 more-than-granted journal 12'],
  },
  {
    name: 'rights went down late',
    files: told(moved('session.end 1', { up: 43 * 60_000 })),
    finds: ['E7 lowered-late journal 6'],
  },
  {
    name: 'rights went down after another start',
    files: told(moved('session.end 4', { boot: 'boot-c' })),
    finds: ['E7 lowered-late journal 26'],
  },
  {
    name: 'rights went up unsealed',
    files: told(without(story(), 'seal before 2')),
    finds: ['E7 raised-unsealed journal 11'],
  },
  {
    name: 'rights went up without a grant',
    files: told(without(story(), 'grant.admitted 2')),
    finds: ['E4 code-never-seen ledger 10', 'E7 raised-unsealed journal 11'],
  },
  {
    name: 'a counter goes back',
    files: told(changed(story(), 'request.created 3', { counter: 2 })),
    finds: ['E6 counter-back journal 16'],
  },
  {
    name: 'powered-on time goes back',
    files: told(moved('process.elevated 1', { up: 5 })),
    finds: ['E6 boot-back journal 5'],
  },
  {
    name: 'a boot comes back',
    files: told(moved('process.elevated 4', { boot: 'boot-a' })),
    finds: ['E6 boot-back journal 25', 'E6 boot-back journal 26'],
  },
]

function moved(key: string, where: { readonly boot?: string; readonly up?: number }): Step[] {
  return story().map((step) => (step.key === key && step.kind === 'journal' ? { ...step, ...where } : step))
}

function usedTwice(): Step[] {
  const steps = story()
  const grant = steps[indexOf(steps, 'grant.admitted 2')]
  return grant === undefined
    ? steps
    : steps.toSpliced(indexOf(steps, 'seal after 2') + 1, 0, {
        ...grant,
        key: 'again',
        up: 92 * 60_000,
      } as Step)
}

const receipts: readonly Fault[] = [
  {
    name: 'a receipt is missing',
    files: withoutFile(/^receipts\/8\./),
    finds: ['E9 receipt-unknown journal 8'],
  },
  {
    name: 'a receipt that nobody made',
    files: inventedReceipt(),
    finds: ['E9 receipt-unknown journal 8', 'E9 receipt-unknown receipt 8'],
  },
  {
    name: 'the ledger knows a receipt that the journal does not',
    files: told(receiptForgotten()),
    finds: ['E9 receipt-missing ledger 12'],
  },
  {
    name: 'a proof of consistency is missing',
    files: withoutFile(/^consistency\/7-/),
    finds: ['E0 bundle-form bundle 0'],
  },
]

function withoutFile(name: RegExp): Files {
  const files = told(story())
  for (const each of [...files.keys()]) if (name.test(each)) files.delete(each)
  return files
}

function inventedReceipt(): Files {
  const files = told(story())
  const text = files.get('receipts/8.tlog-proof') ?? ''
  return files.set('receipts/8.tlog-proof', text.replace('index 6', 'index 5'))
}

/** The computer named a receipt at upload 2 that its journal has no entry of. */
function receiptForgotten(): Step[] {
  return story().map((step) =>
    step.key === 'upload 2' && step.kind === 'upload'
      ? { ...step, fact: { receipt: 'cd'.repeat(32) } }
      : step,
  )
}

export const faults: readonly Fault[] = [
  ...editsOfJournal,
  ...editsOfLedger,
  ...histories,
  ...answers,
  ...receipts,
]
