import type { UserCall } from '@stint/wire/local-user'
import type { Failure, PageAnswer, PageEvent, PageToken } from '@stint/wire/user-page'

type CallName = Exclude<UserCall['call'], 'watch'>
type CallFields<N extends CallName> = Omit<Extract<UserCall, { call: N }>, 'id' | 'call'>

/** This page's way to the agent, through `stint app`. */
export interface PageLink {
  call<N extends CallName>(name: N, fields: CallFields<N>): Promise<PageAnswer<N>>
  /** Every change of the status until `signal` aborts. Resolves when the stream ends; why, or null. */
  watch(onEvent: (event: PageEvent) => void, signal: AbortSignal): Promise<Failure | null>
}

export type Opened =
  | { readonly ok: true; readonly link: PageLink }
  | { readonly ok: false; readonly failure: Failure }

/** Kept per tab and per address: a page of another port never sees it, and it is gone with the tab. */
const tokenPlace = 'stint-page-token'

const closed: Failure = {
  kind: 'unreachable',
  code: 'page-closed',
  message: 'This page is no longer connected to your computer.',
  hint: 'Open it again with `stint app`.',
}

/** Exchanges the key in the address for the page's token, or takes the token of before a reload. */
export async function openPage(): Promise<Opened> {
  const key = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  if (key !== '') {
    const answer = await post('/api/open', { key })
    if (answer === null) return { ok: false, failure: closed }
    const body: PageToken | { failure: Failure } = await answer.json()
    if ('token' in body) sessionStorage.setItem(tokenPlace, body.token)
  }
  const token = sessionStorage.getItem(tokenPlace)
  return token === null ? { ok: false, failure: closed } : { ok: true, link: linkWith(token) }
}

/** Null when nobody answers at all. */
function post(path: string, body: unknown, token?: string, signal?: AbortSignal): Promise<Response | null> {
  return fetch(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  }).catch(() => null)
}

function linkWith(token: string): PageLink {
  return {
    call: async (call, fields) => {
      const answer = await post('/api/call', { id: 1, call, ...fields }, token)
      if (answer === null) return { ok: false, failure: closed }
      return answerOf(await answer.json())
    },
    watch: async (onEvent, signal) => {
      const answer = await post('/api/watch', {}, token, signal)
      if (answer === null || answer.body === null) return closed
      if (!answer.ok) return (await answer.json()).failure
      await readEvents(answer.body, onEvent).catch(() => {})
      return null
    },
  }
}

/** A refusal of the page's server itself has no `ok`. */
function answerOf<N extends CallName>(body: PageAnswer<N> | { failure: Failure }): PageAnswer<N> {
  return 'ok' in body ? body : { ok: false, failure: body.failure }
}

/** Server-sent events of a response that was asked for with POST, which EventSource cannot. */
async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: PageEvent) => void,
): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let held = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (held + decoder.decode(value, { stream: true })).split('\n\n')
    held = blocks.pop() ?? ''
    for (const block of blocks) if (block.startsWith('data: ')) onEvent(JSON.parse(block.slice(6)))
  }
}
