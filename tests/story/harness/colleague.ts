import type { Role } from '@stint/elevation'
import type {
  CodeIssued,
  CodeResolved,
  Device,
  EnrollmentTokenMade,
  InvitationMade,
  LedgerEntry,
  Me,
  RequestView,
  SessionDetail,
  SessionSummary,
  Settings,
} from '@stint/wire/console'
import { Refused } from './refused.ts'
import type { Call, ServerProcess } from './server-process.ts'
import type { WorldTime } from './time.ts'

export interface Terms {
  readonly minutes?: number
  readonly endProcesses?: boolean
  readonly note?: string
}

const agreed = { minutes: 15, endProcesses: true, note: '' }

/** Somebody with a login to the console, who works through the API as the console does. */
export class Colleague {
  readonly email: string
  readonly #server: ServerProcess
  readonly #time: WorldTime
  readonly #headers: Readonly<Record<string, string>>

  private constructor(
    email: string,
    server: ServerProcess,
    time: WorldTime,
    headers: Readonly<Record<string, string>>,
  ) {
    this.email = email
    this.#server = server
    this.#time = time
    this.#headers = headers
  }

  /** Opens a one-time link, chooses a password and is signed in. */
  static async joins(link: string, name: string, server: ServerProcess, time: WorldTime): Promise<Colleague> {
    const url = `/api/v1${new URL(link).pathname}`
    const body = JSON.stringify({ name, password: `the long password of ${name}` })
    const headers = { 'content-type': 'application/json' }
    const answer = await server.call({ method: 'POST', url, headers, body })
    const me: Me = read(answer.statusCode, answer.body)
    const cookie = answer.cookies.map((one) => `${one.name}=${one.value}`).join('; ')
    const signedIn = { ...headers, cookie, 'x-stint-csrf': me.csrf }
    return new Colleague(me.email, server, time, signedIn)
  }

  async invites(name: string, role: Role): Promise<Colleague> {
    const email = `${name}@example.org`
    const { link } = await this.#post<InvitationMade>('/people', { email, role })
    return Colleague.joins(link, name, this.#server, this.#time)
  }

  // Requests

  approves({ requestId }: { readonly requestId: string }, terms: Terms = {}): Promise<RequestView> {
    return this.#post(`/requests/${requestId}/approve`, { ...agreed, ...terms })
  }

  denies({ requestId }: { readonly requestId: string }, note: string): Promise<RequestView> {
    return this.#post(`/requests/${requestId}/deny`, { note })
  }

  /** Types the request code that a caller reads out. */
  hears(text: string, userName?: string): Promise<CodeResolved> {
    return this.#post('/codes/resolve', { text, ...(userName === undefined ? {} : { userName }) })
  }

  /** Reads out the answer to what was heard; the caller's voice is known. */
  async answers({ request }: CodeResolved, terms: Terms = {}): Promise<CodeIssued> {
    if (request === null) throw new Refused('code-not-recognised')
    const body = { requestId: request.id, callerCheck: 'known-voice', ...agreed, ...terms }
    return this.#post('/codes/issue', body)
  }

  async request({ requestId }: { readonly requestId: string }): Promise<RequestView> {
    return this.#get(`/requests/${requestId}`)
  }

  async requests(): Promise<RequestView[]> {
    return (await this.#get<{ items: RequestView[] }>('/requests?limit=200')).items
  }

  // Sessions

  session({ sessionId }: { readonly sessionId: string }): Promise<SessionDetail> {
    return this.#get(`/sessions/${sessionId}`)
  }

  async sessions(): Promise<SessionSummary[]> {
    return (await this.#get<{ items: SessionSummary[] }>('/sessions?limit=200')).items
  }

  async programs({ sessionId }: { readonly sessionId: string }): Promise<string[]> {
    const path = `/sessions/${sessionId}/processes?limit=200`
    return (await this.#get<{ items: { args: string[] }[] }>(path)).items.map(({ args }) => args.join(' '))
  }

  endsSession({ sessionId }: { readonly sessionId: string }): Promise<void> {
    return this.#post(`/sessions/${sessionId}/end`, {})
  }

  // Computers and policy

  device(id: string): Promise<Device> {
    return this.#get(`/devices/${id}`)
  }

  async devices(): Promise<Device[]> {
    return (await this.#get<{ items: Device[] }>('/devices?limit=200')).items
  }

  revokes(id: string): Promise<Device> {
    return this.#post(`/devices/${id}/revoke`, {})
  }

  releases(id: string): Promise<Device> {
    return this.#post(`/devices/${id}/release`, {})
  }

  async enrollmentToken({ minutes = 60, uses = 1 } = {}): Promise<string> {
    return (await this.#post<EnrollmentTokenMade>('/enrollment-tokens', { minutes, uses })).token
  }

  async sets(changes: Partial<Settings>): Promise<Settings> {
    const { changedAt: _at, changedBy: _by, ...settings } = await this.#get<Settings>('/settings')
    return this.#call('PUT', '/settings', { ...settings, ...changes })
  }

  /** The whole ledger, oldest first. */
  async ledger(): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/ledger?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
      const page: { items: LedgerEntry[]; cursor: string | null } = await this.#get(path)
      entries.push(...page.items)
      cursor = page.cursor
    }
    return entries.reverse()
  }

  #get<T>(path: string): Promise<T> {
    return this.#call('GET', path)
  }

  #post<T>(path: string, body: object): Promise<T> {
    return this.#call('POST', path, body)
  }

  async #call<T>(method: Call['method'], path: string, body?: object): Promise<T> {
    const payload = body === undefined ? {} : { body: JSON.stringify(body) }
    const call = { method, url: `/api/v1${path}`, headers: this.#headers, ...payload }
    const { statusCode, body: text } = await this.#server.call(call)
    await this.#time.quiet()
    return read(statusCode, text)
  }
}

function read<T>(status: number, text: string): T {
  const body = text === '' ? undefined : JSON.parse(text)
  if (status < 300) return body
  throw new Refused(body?.code ?? `http-${status}`, body?.title, { ...body?.details, hint: body?.hint })
}
