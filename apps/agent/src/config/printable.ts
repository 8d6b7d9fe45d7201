/** Text without control characters or broken Unicode: those become `\xNN` and U+FFFD. */
export function printable(text: string, maxLength = 4096): string {
  const escaped = text.toWellFormed().replace(/\p{Cc}/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return escaped.slice(0, maxLength).toWellFormed()
}
