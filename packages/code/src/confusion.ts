/**
 * Letters that listeners mix up (protocol 2.2, [26]), after normalisation: I is 1. Digits whose names rhyme
 * with a class are not added; nothing measured says so.
 */
const CLASSES = ['AHJK', 'BCDEGPTVZ', 'FSX', '1Y', 'MN']

/** Whether two symbols sound alike. */
export function soundAlike(a: string, b: string): boolean {
  return a !== b && CLASSES.some((members) => members.includes(a) && members.includes(b))
}
