import { constants, type Stats } from 'node:fs'
import { open, readdir } from 'node:fs/promises'

/** Device numbers of consoles and serial lines (4) and of pseudo-terminals (136 to 143). */
const terminalMajors = new Set([4, 136, 137, 138, 139, 140, 141, 142, 143])
const maxTextLength = 400

/** One line that cannot carry terminal commands. */
export function asTerminalLine(text: string): string {
  const plain = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return `\r\n[Stint] ${plain.slice(0, maxTextLength)}\r\n`
}

function isTerminalOf(uid: number, stats: Stats): boolean {
  const major = Number((BigInt(stats.rdev) >> 8n) & 0xfffn)
  return stats.isCharacterDevice() && stats.uid === uid && terminalMajors.has(major)
}

/** Answers how many terminals took the line. A terminal that blocks or vanishes is passed over. */
export async function writeToTerminals(uid: number, text: string): Promise<number> {
  const names = [
    ...(await readdir('/dev/pts').catch(() => []))
      .filter((name) => /^\d+$/.test(name))
      .map((name) => `/dev/pts/${name}`),
    ...(await readdir('/dev')).filter((name) => /^tty(S|AMA)?\d+$/.test(name)).map((name) => `/dev/${name}`),
  ]
  const reached = await Promise.all(names.map((name) => writeLine(name, uid, asTerminalLine(text))))
  return reached.filter(Boolean).length
}

/** The open file is what is checked, not the name: between the two the person could put something else there. */
async function writeLine(path: string, uid: number, line: string): Promise<boolean> {
  const flags = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NOCTTY | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => null)
  if (file === null) return false
  try {
    if (!isTerminalOf(uid, await file.stat())) return false
    return (await file.write(line)).bytesWritten > 0
  } catch {
    return false
  } finally {
    await file.close()
  }
}
