import type { Instant } from '../../../apps/agent/src/clock/clock.ts'
import { type LogoffWatch, type Os, OsError, type OsErrorCode } from '../../../apps/agent/src/os/os.ts'

/** One end of a line between two processes. */
export interface Line {
  send(message: unknown): void
  onMessage(take: (message: unknown) => void): void
}

interface Call {
  readonly os: 'call'
  readonly id: number
  readonly name: keyof Os
  readonly args: readonly unknown[]
  /** The caller's clock. */
  readonly at: Instant
}

interface Result {
  readonly os: 'result'
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly code: OsErrorCode; readonly message: string; readonly hint: string }
}

interface LoggedOff {
  readonly os: 'logged-off'
  /** The call that set the watch. */
  readonly id: number
}

/**
 * The operating system as the agent's process has it: somewhere else. What it changed there stays when the process is
 * gone, and a call that was on its way may or may not have had its effect.
 */
export function remoteOs(
  line: Line,
  now: () => Instant,
): { readonly os: Os; readonly underWay: () => number } {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const watches = new Map<number, () => void>()
  let calls = 0
  const call = (name: keyof Os, args: readonly unknown[], id = ++calls): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      line.send({ os: 'call', id, name, args, at: now() } satisfies Call)
    })
  line.onMessage((message) => {
    if (isOf<LoggedOff>(message, 'logged-off')) watches.get(message.id)?.()
    if (!isOf<Result>(message, 'result')) return
    const { id, value, error } = message
    const caller = waiting.get(id)
    waiting.delete(id)
    if (error) caller?.reject(new OsError(error.code, error.message, error.hint))
    else caller?.resolve(value)
  })
  const watchLogoff = async (uid: number, onLogoff: () => void): Promise<LogoffWatch> => {
    const id = ++calls
    watches.set(id, onLogoff)
    const state = (await call('watchLogoff', [uid], id)) as LogoffWatch['state']
    return { state, stop: () => void watches.delete(id) }
  }
  const plain = (_target: unknown, name: string | symbol) =>
    name === 'watchLogoff' ? watchLogoff : (...args: unknown[]) => call(name as keyof Os, args)
  return { os: new Proxy({}, { get: plain }) as Os, underWay: () => waiting.size }
}

/** Serves `os` to the process at the other end. `before` runs before each call, with the caller's time. */
export function serveOs(os: Os, line: Line, before: (name: keyof Os, at: Instant) => void): void {
  line.onMessage((message) => {
    if (isOf<Call>(message, 'call')) void answer(os, line, message, before)
  })
}

async function answer(
  os: Os,
  line: Line,
  { id, name, args, at }: Call,
  before: (name: keyof Os, at: Instant) => void,
) {
  try {
    before(name, at)
    const value = await (name === 'watchLogoff'
      ? os
          .watchLogoff(args[0] as number, () => line.send({ os: 'logged-off', id }))
          .then(({ state }) => state)
      : Reflect.apply(os[name], os, args))
    line.send({ os: 'result', id, value } satisfies Result)
  } catch (error) {
    if (!(error instanceof OsError)) throw error
    const { code, message, hint } = error
    line.send({ os: 'result', id, error: { code, message, hint } } satisfies Result)
  }
}

function isOf<T extends { readonly os: string }>(message: unknown, os: T['os']): message is T {
  return typeof message === 'object' && message !== null && 'os' in message && message.os === os
}
