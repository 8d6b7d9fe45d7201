/** What stands in one cell. Null is empty. */
export type CsvCell = string | number | boolean | null

/** Excel takes a CSV without it for the local code page. */
export const byteOrderMark = '\uFEFF'

/** One record (RFC 4180), with its line end. */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * A text that a spreadsheet would take for a formula begins with `'`, also where blanks come first: names, reasons and
 * command lines are other people's, and opening a report must not run them. Numbers stay numbers.
 */
function csvCell(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^\s*[=+\-@\uFF0B\uFF0D\uFF1D\uFF20]|^[\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A command line as a shell would take it, so that where one argument ends stays visible. */
export function shellText(args: readonly string[]): string {
  return args
    .map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
