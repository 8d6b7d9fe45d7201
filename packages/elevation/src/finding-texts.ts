import type { FindingWord } from './finding.ts'

/** What a finding is called, what it means, and what an administrator should do next. Plain words, for people. */
export interface FindingText {
  readonly title: string
  readonly means: string
  readonly next: string
}

const lookAtComputer =
  'Keep this computer as it is, export its evidence bundle, and find out who had full rights on it since the numbers named here.'
const lookAtServer =
  'Stop writing to this server, keep its database and its backups, and check both with stint verify before you trust either.'
const newIdentity =
  'Find out whether the computer was copied or set back. If it was, revoke it and enrol it again; if it was not, treat it as taken over.'
const renewKeys =
  'Revoke the computer and enrol it again, so that its code keys are new, and ask the person how the rights were got.'

/** By the word of the finding; the meaning is that of `spec/evidence.md`. */
export const findingTexts: Readonly<Record<FindingWord, FindingText>> = {
  'entry-form': {
    title: 'An entry is not in its only valid form',
    means: 'The file was edited.',
    next: lookAtComputer,
  },
  'entry-gap': {
    title: 'Entries are missing',
    means: 'Entries were left out, repeated or put in another order.',
    next: lookAtComputer,
  },
  'entry-join': {
    title: 'An entry does not join the one before it',
    means: 'An entry was changed, inserted or moved.',
    next: lookAtComputer,
  },
  'entry-body': {
    title: 'An entry does not say what it was made of',
    means: 'The content of an entry was changed.',
    next: lookAtComputer,
  },
  'ledger-proof': {
    title: 'The ledger does not prove an entry',
    means: 'The ledger of the server was changed, or the entry was never in it.',
    next: lookAtServer,
  },
  'checkpoint-signature': {
    title: 'A seal is not signed by the right key',
    means: 'Somebody without the key made it, or the chain of keys was broken.',
    next: lookAtComputer,
  },
  'checkpoint-missing': {
    title: 'A seal is missing',
    means: 'A seal was taken away or added.',
    next: lookAtComputer,
  },
  fork: {
    title: 'There are two histories',
    means: 'The computer was cloned, set back, or its journal was written again with a stolen key.',
    next: newIdentity,
  },
  'rolled-back': {
    title: 'The journal was longer before',
    means: 'Its tail was cut off, or the computer was set back to an earlier state.',
    next: newIdentity,
  },
  'code-never-seen': {
    title: 'A code was given out and its use was never reported',
    means: 'The journal was cut off where the code was used, or the record of its use was suppressed.',
    next: 'Ask the person whether the code was used, and look for what the computer did after it was given out.',
  },
  'use-not-issued': {
    title: 'Rights were raised with an answer that nobody gave',
    means: 'Somebody else knows the code key of the computer, or the grant was invented.',
    next: renewKeys,
  },
  'use-twice': {
    title: 'One answer was used twice',
    means: 'An answer that was used up was used again.',
    next: renewKeys,
  },
  'counter-back': {
    title: 'The request counter went back',
    means: 'The state of the computer was set back.',
    next: newIdentity,
  },
  'boot-back': {
    title: 'Time since start went back',
    means: 'Entries of different copies of a computer were mixed.',
    next: newIdentity,
  },
  'more-than-granted': {
    title: 'More time was given than was agreed',
    means: 'The computer gave more than the approver agreed to.',
    next: 'Compare what was issued with what was granted below. If nobody changed the agent, report this as a fault of Stint.',
  },
  'lowered-late': {
    title: 'Rights stood longer than agreed',
    means: 'The computer slept or was off, the agent was stopped, or lowering failed.',
    next: 'Read what ran after the agreed end. If the computer was not asleep or off then, find out who stopped the agent.',
  },
  'raised-unsealed': {
    title: 'Rights were raised before their reason was sealed',
    means: 'The grant could still have been changed when rights went up.',
    next: 'Check that the agent on this computer is the one you installed.',
  },
  silent: {
    title: 'The computer reports nothing',
    means: 'It showed itself, and sent no journal for longer than allowed: reports are suppressed.',
    next: 'Look at the computer: whether the agent runs (stint doctor), its disk is full, or somebody keeps its journal back.',
  },
  'receipt-missing': {
    title: 'A receipt is gone from the journal',
    means: 'The tail of the journal was cut off and grew again.',
    next: newIdentity,
  },
  'receipt-unknown': {
    title: 'The journal names a receipt that was never given',
    means: 'A receipt was invented, or the server denies one.',
    next: 'Compare the receipts that the computer keeps with those of this server; if the server does not know one, check the ledger.',
  },
}
