/** Server and issuer as they are shipped, on an address of this machine. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const checkout = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '')

/** Starts a program of ours and waits for its line of JSON. */
export async function startProgram(
  app: string,
  args: readonly string[],
  before: readonly string[] = [],
): Promise<{ child: ChildProcess; ready: Record<string, unknown>; log: () => string }> {
  const command = [...before, process.execPath, join(checkout, 'apps', app, 'src', 'main.ts'), ...args]
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr?.on('data', (text) => (log += text))
  const line = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.once('exit', (code) => reject(new Error(`${app} ended with ${code}: ${log}`)))
  })
  return { child, ready: JSON.parse(line), log: () => log }
}

export async function stopProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

export class OrganisationServer {
  readonly url: string
  /** Lets the first owner in, once. */
  readonly ownerLink: string
  readonly #data: string
  readonly #children: ChildProcess[]
  #cookie = ''
  #csrf = ''

  private constructor(url: string, ownerLink: string, data: string, children: ChildProcess[]) {
    this.url = url
    this.ownerLink = ownerLink
    this.#data = data
    this.#children = children
  }

  /** As `open`, with an owner called Carol who has joined; `call` is hers. */
  static async start(listen: string): Promise<OrganisationServer> {
    const organisation = await OrganisationServer.open(listen)
    try {
      await organisation.join()
      return organisation
    } catch (error) {
      await organisation.close()
      throw error
    }
  }

  /** Starts both; nobody has joined yet. */
  static async open(listen: string): Promise<OrganisationServer> {
    const data = mkdtempSync(join(tmpdir(), 'stint-server-'))
    const children: ChildProcess[] = []
    try {
      const issuer = await startProgram('issuer', ['--data', data])
      children.push(issuer.child)
      const server = await startProgram('server', ['--data', data, '--listen', listen, '--json'])
      children.push(server.child)
      return new OrganisationServer(`http://${listen}`, String(server.ready.ownerLink), data, children)
    } catch (error) {
      for (const child of children) child.kill('SIGKILL')
      rmSync(data, { recursive: true, force: true })
      throw error
    }
  }

  /** Uses the owner's link as Carol. */
  async join(): Promise<void> {
    const secret = new URL(this.ownerLink).pathname.split('/').at(-1)
    const response = await fetch(`${this.url}/api/v1/join/${secret}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url },
      body: JSON.stringify({ name: 'Carol', password: 'correct horse battery staple' }),
    })
    assert.equal(response.status, 200, await response.clone().text())
    this.#cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    this.#csrf = ((await response.json()) as { csrf: string }).csrf
  }

  /** One call of the console, as the owner. Throws when it is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: each route has its own answer; the assertions look into it
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        cookie: this.#cookie,
        'x-stint-csrf': this.#csrf,
        origin: this.url,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  async enrollmentToken(): Promise<string> {
    return (await this.call('POST', '/enrollment-tokens', { minutes: 60, uses: 1 })).token
  }

  async close(): Promise<void> {
    for (const child of [...this.#children].reverse()) await stopProgram(child)
    rmSync(this.#data, { recursive: true, force: true })
  }
}
