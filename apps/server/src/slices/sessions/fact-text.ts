import { credentialLabels, endReasonLabels, type JournalType } from '@stint/elevation'
import type { JournalBody } from '@stint/wire/journal'

type Texts = { readonly [T in JournalType]?: (body: JournalBody<T>) => string }

/**
 * What a line of the timeline says of a fact of the computer. Types without one do not stand in a timeline; denied
 * starts do, from their own table, because there can be any number of them.
 */
const texts: Texts = {
  'request.created': ({ minutes, mode }) => `Asked for ${minutes} minutes (${mode}).`,
  'request.void': ({ reason }) => `Took no more answers: ${reason.replaceAll('-', ' ')}.`,
  'code.wrong': ({ triesLeft, locked }) =>
    locked
      ? 'A wrong code was entered; codes are locked now.'
      : `A wrong code was entered; ${triesLeft} tries left.`,
  'grant.admitted': ({ credential, answeredSeconds, grantedSeconds }) =>
    `${credentialLabels[credential]} accepted: ${grantedSeconds / 60} minutes` +
    (answeredSeconds > grantedSeconds ? `, shortened from ${answeredSeconds / 60} by the ceiling.` : '.'),
  'session.start': ({ endsAt }) => `Rights were raised, until ${endsAt}.`,
  'session.end': ({ reason, proven }) =>
    `${endReasonLabels[reason]}; rights were lowered${proven ? ' and proven gone' : ', but not proven gone'}.`,
  'session.still-raised': ({ attempt, what }) => `Lowering failed (attempt ${attempt}): ${what}`,
  'system.changed': ({ changes, cut, unread }) =>
    changedText(changes.length, cut) +
    (unread.length === 0 ? '' : ` ${counted(unread.length, 'place')} could not be compared.`),
  'rights.changed-elsewhere': ({ administrator }) =>
    administrator
      ? 'Somebody else made the person an administrator.'
      : 'Somebody else took administrator rights from the person.',
  'recording.gap': ({ from, to, cause }) => `Nothing is known between ${from} and ${to}: ${cause}`,
}

export function factText<T extends JournalType>(type: T, body: JournalBody<T>): string | null {
  const text = texts[type] as ((body: JournalBody<T>) => string) | undefined
  return text === undefined ? null : text(body)
}

function changedText(count: number, cut: boolean): string {
  if (count === 0) return 'Compared with before: nothing that Stint compares has changed.'
  return `Compared with before: ${cut ? 'more than ' : ''}${counted(count, 'change')}.`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
