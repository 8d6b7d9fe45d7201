import type { Readable } from 'node:stream'
import type { Letter } from './means.ts'

export interface LetterGiven {
  readonly id: string
  readonly to: readonly string[]
  /** With `{report}`, `{from}` and `{to}`. */
  readonly subject: string
  readonly name: string
  readonly content: Readable
}

export interface LetterAbout {
  readonly report: string
  /** First and last day, as the schedule's zone names them. */
  readonly from: string
  readonly to: string
  /** The report's summary; its plain numbers are shown. */
  readonly figures: Readonly<Record<string, unknown>>
  readonly link: string
}

/** A short mail with the report's figures, and all its rows in a file. */
export function letterOf(given: LetterGiven, about: LetterAbout): Letter {
  const { report, from, to, figures, link } = about
  const lines = Object.entries(figures).flatMap(([name, value]) =>
    typeof value === 'number' ? [[words(name), value] as const] : [],
  )
  const days = from === to ? from : `${from} to ${to}`
  return {
    id: given.id,
    to: given.to,
    subject: filled(given.subject, { report, from, to }),
    text: [`${report}, ${days}`, '', ...lines.map(([name, value]) => `${name}: ${value}`), '', link, ''].join(
      '\n',
    ),
    html:
      `<!doctype html><meta charset="utf-8"><title>${markup(report)}</title><h1>${markup(report)}</h1>` +
      `<p>${markup(days)}</p><table>` +
      lines
        .map(([name, value]) => `<tr><td>${markup(name)}</td><td align="right">${value}</td></tr>`)
        .join('') +
      `</table><p>All rows are in the attached file. <a href="${markup(link)}">Open Stint</a></p>`,
    attachment: {
      name: given.name,
      type: given.name.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
      content: given.content,
    },
  }
}

/** In one pass, so that a name with braces in it is not filled again. */
function filled(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(report|from|to)\}/g, (_, key: string) => values[key] ?? '')
}

/** `elevationSeconds` → `Elevation seconds`. */
function words(name: string): string {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

function markup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
