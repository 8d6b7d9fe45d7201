/**
 * What a child process wrote, as lines for a person: a JSON line of a log gives its message and its error, every
 * other line is itself. Null for a line that says nothing.
 */
export function readableLine(line: string): string | null {
  const text = line.trim()
  if (text === '') return null
  if (!text.startsWith('{')) return text
  try {
    const entry: Record<string, unknown> = JSON.parse(text)
    const message = entry.msg ?? entry.message
    if (typeof message !== 'string') return text
    const error = typeof entry.error === 'string' ? entry.error : errorOf(entry.err)
    return error === null ? message : `${message}: ${error}`
  } catch {
    return text
  }
}

function errorOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('message' in value)) return null
  return typeof value.message === 'string' ? value.message : null
}

/** Cuts a stream of text into lines. Holds at most one, and gives up its beginning above 64 KiB. */
export function createLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let held = ''
  return (chunk) => {
    const lines = (held + chunk.toString('utf8')).split('\n')
    held = (lines.pop() ?? '').slice(-65_536)
    for (const line of lines) onLine(line)
  }
}
