const MARK = '[redacted]'

interface CommandTextProps {
  /** Arguments as one text. */
  readonly text: string
  /** How many secrets were taken out of it; with none, a program that calls itself `[redacted]` fools nobody. */
  readonly redacted: number
}

/** A command line as it was recorded; what stands in place of a secret does not look like a part of it. */
export function CommandText({ text, redacted }: CommandTextProps) {
  if (redacted === 0) return text
  return text.split(MARK).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
    <span key={at}>
      {at > 0 && <span className="st-redacted">{MARK}</span>}
      {part}
    </span>
  ))
}

/** "1 secret hidden"; null when none was. */
export function hiddenText(redacted: number): string | null {
  if (redacted === 0) return null
  return redacted === 1 ? '1 secret hidden' : `${redacted.toLocaleString('en')} secrets hidden`
}
