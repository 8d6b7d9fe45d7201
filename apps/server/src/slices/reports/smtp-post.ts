import { createTransport } from 'nodemailer'
import { type Letter, NotSent, type Post } from './means.ts'

/** A mail server. `user` and `password` null where it takes mail without. */
export interface SmtpSettings {
  readonly host: string
  readonly port: number
  /** `implicit`: TLS from the first byte; `starttls`: required; `none`: only for a server on this machine. */
  readonly tls: 'implicit' | 'starttls' | 'none'
  readonly user: string | null
  readonly password: string | null
  readonly from: string
}

/** A mail server that says nothing for this long is not there. */
const PATIENCE_MS = 30_000
const SILENCE_MS = 120_000

export function createSmtpPost(settings: SmtpSettings): Post {
  const { host, port, tls, user, password, from } = settings
  const transport = createTransport({
    ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: SILENCE_MS },
    // Nothing of a letter is a file or an address to fetch.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  return {
    host: `${host}:${port}`,
    from,
    async send(letter) {
      let isRead = false
      letter.attachment.content.once('end', () => {
        isRead = true
      })
      try {
        const sent = await transport.sendMail(mailOf(letter, from))
        return { refused: sent.rejected.map(String) }
      } catch (error) {
        throw notSent(error, isRead)
      }
    },
  }
}

function mailOf({ id, to, subject, text, html, attachment }: Letter, from: string) {
  const domain = from.split('@')[1]?.replace(/[^A-Za-z0-9.-]/g, '') ?? 'localhost'
  return {
    ...{ from, to: [...to], subject, text, html, messageId: `<${id}@${domain}>` },
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: [{ filename: attachment.name, contentType: attachment.type, content: attachment.content }],
  }
}

/**
 * Once the mail server has all of a mail it may keep it, also when its answer never comes. A server that answers with a
 * refusal has not.
 */
function notSent(error: unknown, isRead: boolean): NotSent {
  if (!(error instanceof Error)) return new NotSent('The mail was not taken.', isRead)
  const isAnswered = 'responseCode' in error && typeof error.responseCode === 'number'
  const message = error.message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300)
  return new NotSent(message, isRead && !isAnswered)
}
