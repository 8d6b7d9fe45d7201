import type { RequestState } from '@stint/elevation'
import type { NoticeKind, UserEvent, UserStatus } from '@stint/wire/local-user'
import type { AgentState } from '../config/state.ts'
import type { Tell } from './tell.ts'

export type Emit = (event: UserEvent) => void

/** An approved request is no news yet: its session is, once it is live. */
const noticeOf: Partial<Record<RequestState, NoticeKind>> = {
  denied: 'denied',
  expired: 'expired',
  void: 'expired',
}

/** The programs that watch, and what each is told: every change of its person's status, and what happened to it. */
export class Watchers implements Tell {
  readonly #watching = new Map<Emit, { readonly uid: number; readonly status: () => UserStatus }>()
  #before: ReadonlyMap<string, RequestState> = new Map()
  #admitted: ReadonlySet<string> = new Set()
  #planned = false

  add(uid: number, emit: Emit, status: () => UserStatus): void {
    this.#watching.set(emit, { uid, status })
  }

  remove(emit: Emit): void {
    this.#watching.delete(emit)
  }

  notice(uid: number, notice: NoticeKind): void {
    for (const [emit, watcher] of this.#watching)
      if (watcher.uid === uid) emit({ event: 'notice', status: watcher.status(), notice })
  }

  /** Tells everybody once, however much changes in one go. */
  changed(): void {
    if (this.#planned) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      for (const [emit, { status }] of this.#watching) emit({ event: 'status', status: status() })
    })
  }

  /** Compares with the state before: a request that was decided, or rights that were raised, are told of. */
  stateChanged({ requests, sessions }: AgentState): void {
    for (const { requestId, uid, state } of requests) {
      const kind = noticeOf[state]
      if (kind && this.#before.get(requestId) === 'pending') this.notice(uid, kind)
    }
    for (const { sessionId, uid, phase } of sessions)
      if (phase === 'live' && this.#admitted.has(sessionId)) this.notice(uid, 'approved')
    this.#before = new Map(requests.map(({ requestId, state }) => [requestId, state]))
    const admitted = sessions.filter(({ phase }) => phase === 'admitted')
    this.#admitted = new Set(admitted.map(({ sessionId }) => sessionId))
    this.changed()
  }
}
