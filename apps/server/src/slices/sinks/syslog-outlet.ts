import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { guardedLookup } from './addresses.ts'
import { NotTaken, notTaken, type Outlet } from './outlet.ts'
import { octetCounted, syslogText } from './syslog-text.ts'
import type { SyslogTarget } from './targets.ts'

/**
 * Syslog has no answer. So each batch has a connection of its own: we end our side, and take it for confirmed when the
 * receiver ends its side in order. It does that after it has read everything; one that stops before cuts the
 * connection, which is an error.
 */
export function createSyslogOutlet(target: SyslogTarget, clientKey: string | null, host: string): Outlet {
  return {
    async send(facts, signal) {
      const bytes = Buffer.concat(facts.map((fact) => octetCounted(syslogText(fact, host))))
      signal.throwIfAborted()
      const socket = open(target, clientKey)
      const stop = () => socket.destroy(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        await delivered(socket, target.tls === null ? 'connect' : 'secureConnect', bytes)
      } catch (error) {
        throw notTaken(signal.aborted ? signal.reason : error)
      } finally {
        signal.removeEventListener('abort', stop)
        socket.destroy()
      }
    },
  }
}

function open({ host, port, tls }: SyslogTarget, clientKey: string | null): Socket {
  const to = { host, port, lookup: guardedLookup }
  if (tls === null) return connect({ ...to, allowHalfOpen: true })
  const { ca, clientCertificate } = tls
  return connectTls({
    ...to,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca }),
    ...(clientCertificate === null || clientKey === null ? {} : { cert: clientCertificate, key: clientKey }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  })
}

function delivered(socket: Socket, ready: 'connect' | 'secureConnect', bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let isWritten = false
    socket.once('error', reject)
    socket.once(ready, () => {
      socket.write(bytes, () => {
        isWritten = true
        socket.end()
      })
    })
    // What it says is not ours to read, but its end comes only behind it.
    socket.resume()
    socket.once('end', () => {
      if (isWritten) resolve()
      else reject(new NotTaken('The receiver cut the connection.'))
    })
    socket.once('close', () => reject(new NotTaken('The receiver cut the connection.')))
  })
}
