/**
 * Letters that listeners mix up (spec/request-code.md, "Correction").
 */
const CLASSES = ['AHJK', 'BCDEGPTVZ', 'FSX', 'MN']

/** Whether two symbols sound alike. */
export function soundAlike(a: string, b: string): boolean {
  return a !== b && CLASSES.some((members) => members.includes(a) && members.includes(b))
}
