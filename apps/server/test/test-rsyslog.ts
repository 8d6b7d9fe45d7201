import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { testAuthority } from './test-certificates.ts'

/** A message as rsyslog understood it. */
export interface Understood {
  readonly pri: string
  readonly at: string
  readonly host: string
  readonly app: string
  readonly process: string
  readonly id: string
  readonly data: string
  readonly text: string
}

/** Debian's rsyslog as a process of its own, with its files in one folder. */
export interface TestRsyslog {
  readonly ports: { readonly plain: number; readonly tls: number; readonly mutual: number }
  readonly ca: string
  readonly client: { readonly cert: string; readonly key: string }
  start(): Promise<void>
  kill(): Promise<void>
  /** Stops it in order, so that it has written what it took, and reads that. */
  drained(): Promise<readonly Understood[]>
}

/** Why there is none on this machine, or null. */
export function rsyslogMissing(): string | null {
  const has =
    spawnSync('rsyslogd', ['-v']).status === 0 && globSync('/usr/lib/*/rsyslog/lmnsd_ossl.so').length > 0
  return has ? null : 'needs rsyslog and rsyslog-openssl: tools/test/install.sh'
}

export async function prepareRsyslog(folder: string): Promise<TestRsyslog> {
  const authority = testAuthority(folder)
  const own = authority.certificate('collector', 'DNS:localhost')
  const client = authority.certificate('stint-client', 'DNS:stint-client')
  const ports = { plain: await freePort(), tls: await freePort(), mutual: await freePort() }
  const [config, out] = [join(folder, 'rsyslog.conf'), join(folder, 'out')]
  const ossl = 'streamDriver.Name="ossl" streamDriver.Mode="1"'
  const at = (port: number, more: string) => `input(type="imtcp" address="127.0.0.1" port="${port}" ${more})`
  writeFileSync(
    config,
    `global(workDirectory="${folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${authority.file}"
  defaultNetstreamDriverCertFile="${own.certFile}" defaultNetstreamDriverKeyFile="${own.keyFile}")
module(load="imtcp")
template(name="seen" type="string"
  string="%PRI%\\t%TIMESTAMP:::date-rfc3339%\\t%HOSTNAME%\\t%APP-NAME%\\t%PROCID%\\t%MSGID%\\t%STRUCTURED-DATA%\\t%msg%\\n")
${at(ports.plain, '')}
${at(ports.tls, `${ossl} streamDriver.AuthMode="anon"`)}
${at(ports.mutual, `${ossl} streamDriver.AuthMode="x509/name" permittedPeer=["stint-client"]`)}
action(type="omfile" file="${out}" template="seen")
`,
  )
  let child: ChildProcess | null = null
  const end = async (signal: NodeJS.Signals) => {
    const running = child
    child = null
    if (running === null) return
    const over = once(running, 'exit')
    running.kill(signal)
    await over
    rmSync(join(folder, 'pid'), { force: true })
  }
  return {
    ports,
    ca: authority.pem,
    client,
    async start() {
      child = spawn('rsyslogd', ['-n', '-f', config, '-i', join(folder, 'pid')], { stdio: 'ignore' })
      for (const port of Object.values(ports)) await listens(port, child)
    },
    kill: () => end('SIGKILL'),
    async drained() {
      await end('SIGTERM')
      const lines = existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : []
      rmSync(out, { force: true })
      return lines.map(understood)
    },
  }
}

function understood(line: string): Understood {
  const [pri = '', at = '', host = '', app = '', process = '', id = '', data = '', text = ''] =
    line.split('\t')
  return { pri, at, host, app, process, id, data, text: text.trimStart() }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Tries until it answers; throws when the process has ended. */
async function listens(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}`)
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => done(true)).once('error', () => done(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise((done) => setImmediate(done))
  }
}
