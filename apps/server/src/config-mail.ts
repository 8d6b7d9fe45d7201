import { readFileSync } from 'node:fs'
import { Fault } from '@stint/elevation'
import type { SmtpSettings } from './slices/reports/smtp-post.ts'

/** What the command line says of mail. */
export interface MailOptions {
  /** `smtps://user@host:465` or `smtp://host:587`. */
  readonly smtp: string
  /** File whose first line is the password; null where none is needed. */
  readonly passwordFile: string | null
  readonly from: string
}

/**
 * Reads the mail settings. The password stands in a file of its own, never on a command line or in the database.
 * Throws `Fault('usage')` with the sentence to show.
 */
export function smtpSettings({ smtp, passwordFile, from }: MailOptions): SmtpSettings {
  const url = URL.canParse(smtp) ? new URL(smtp) : null
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw wrong('--smtp takes an address such as smtps://user@mail.example.org:465')
  if (url.password !== '')
    throw wrong('--smtp takes no password: name a file that holds it with --smtp-password-file')
  if (!/^[^\s@]+@[^\s@]+$/.test(from))
    throw wrong('--smtp-from takes the e-mail address that reports come from')
  const isImplicit = url.protocol === 'smtps:'
  const user = url.username === '' ? null : decodeURIComponent(url.username)
  if ((user === null) !== (passwordFile === null))
    throw wrong('a user in --smtp and --smtp-password-file go together')
  return {
    host: url.hostname,
    port: url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port),
    tls: isImplicit ? 'implicit' : isThisMachine(url.hostname) ? 'none' : 'starttls',
    ...{ user, password: passwordFile === null ? null : firstLine(passwordFile), from },
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host)
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch {
    throw wrong(`the file of --smtp-password-file cannot be read: ${file}`)
  }
}

function wrong(message: string): Fault {
  return new Fault('usage', message, 'See docs/operate/scheduled-reports.md.')
}
