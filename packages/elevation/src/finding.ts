/**
 * What does not fit in a record of evidence (`spec/evidence.md`, checks). A finding has a word, and the word belongs to a
 * code.
 */
export const findingCodes = ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'E8', 'E9'] as const
export type FindingCode = (typeof findingCodes)[number]

export const findingWords = [
  'entry-form',
  'entry-gap',
  'entry-join',
  'entry-body',
  'ledger-proof',
  'checkpoint-signature',
  'checkpoint-missing',
  'fork',
  'rolled-back',
  'code-never-seen',
  'use-not-issued',
  'use-twice',
  'counter-back',
  'boot-back',
  'more-than-granted',
  'lowered-late',
  'raised-unsealed',
  'silent',
  'receipt-missing',
  'receipt-unknown',
] as const
export type FindingWord = (typeof findingWords)[number]

export const findingCodeOf: Readonly<Record<FindingWord, FindingCode>> = {
  'entry-form': 'E1',
  'entry-gap': 'E1',
  'entry-join': 'E1',
  'entry-body': 'E1',
  'ledger-proof': 'E1',
  'checkpoint-signature': 'E2',
  'checkpoint-missing': 'E2',
  fork: 'E3',
  'rolled-back': 'E3',
  'code-never-seen': 'E4',
  'use-not-issued': 'E5',
  'use-twice': 'E5',
  'counter-back': 'E6',
  'boot-back': 'E6',
  'more-than-granted': 'E7',
  'lowered-late': 'E7',
  'raised-unsealed': 'E7',
  silent: 'E8',
  'receipt-missing': 'E9',
  'receipt-unknown': 'E9',
}

/** Entries of these types keep their body for ever: they hold nothing about people, and keys and proofs hang on them. */
export const neverDropped = ['seal.rotate', 'receipt', 'device.checkpoint', 'device.log-key'] as const
