import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SmtpSettings } from '../src/slices/reports/smtp-post.ts'

/** A mail server on this machine that keeps what it takes. */
export interface MailSink {
  readonly settings: SmtpSettings
  /** Whole mails, as they came over the line. */
  readonly mails: string[]
  /** `take`; refuse every mail with 451; or hang up when it has all of a mail, without a word. */
  mode: 'take' | 'refuse' | 'hang-up'
  /** Addresses that it does not take. */
  readonly unknown: Set<string>
  close(): Promise<void>
}

export async function startMailSink(): Promise<MailSink> {
  const connections = new Set<{ destroy(): void }>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'stint' && password === 'a secret'
        ? done(null, { user: username })
        : done(new Error('no')),
    onRcptTo: ({ address }, _session, done) =>
      sink.unknown.has(address) ? done(withCode(550, 'no such mailbox')) : done(),
    onData(stream, _session, done) {
      let mail = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        mail += chunk
      })
      stream.on('end', () => {
        if (sink.mode === 'refuse') return done(withCode(451, 'try again later'))
        sink.mails.push(mail)
        if (sink.mode === 'take') return done()
        for (const connection of connections) connection.destroy()
      })
    },
  })
  server.server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  const account = { user: 'stint', password: 'a secret', from: 'stint@example.org' }
  const sink: MailSink = {
    settings: { host: '127.0.0.1', port, tls: 'none', ...account },
    mails: [],
    mode: 'take',
    unknown: new Set(),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return sink
}

function withCode(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
