import type { FindingCode } from '@stint/elevation'
import { spanText } from '@stint/ui'
import type { Finding } from '@stint/wire/findings'

/** What the checks of one code are about. */
export const findingCodeTexts: Readonly<Record<FindingCode, string>> = {
  E1: 'Entries and their order',
  E2: 'Seals',
  E3: 'Two histories',
  E4: 'Codes never seen again',
  E5: 'Answers nobody gave',
  E6: 'Counters that went back',
  E7: 'More than was granted',
  E8: 'Silence',
  E9: 'Receipts',
}

/** `entry 812`, or `entries 812 to 815`: numbers of the computer's journal. */
export function entriesText({ from, to }: Pick<Finding, 'from' | 'to'>): string {
  return from === to ? `entry ${from}` : `entries ${from} to ${to}`
}

/** A figure of a finding, `grantedSeconds: 2700` as `Granted` and `45 min`. */
export function detailFact(name: string, value: string | number | null) {
  const isSpan = name.endsWith('Seconds') && typeof value === 'number'
  const words = name.replace(/Seconds$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const label = words.charAt(0).toUpperCase() + words.slice(1)
  return { label, value: value === null ? 'Not known' : isSpan ? spanText(value * 1000) : String(value) }
}
