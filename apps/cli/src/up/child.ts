import { spawn } from 'node:child_process'
import type { Clock } from '../clock.ts'
import { createLines, readableLine } from './child-log.ts'

/** A process of the product that `stint` starts and keeps running. */
export interface ChildPlan {
  /** One word, before every line that it writes. */
  readonly name: string
  /** Program and arguments; asked again at every start. */
  command(): readonly string[]
}

export interface ChildParts {
  readonly clock: Clock
  readonly environment: NodeJS.ProcessEnv
  /** A line that the child wrote, or something that happened to it. */
  say(name: string, line: string): void
  /** The child runs as this process, or none does now. */
  onPid(name: string, pid: number | null): void
}

export interface Child {
  readonly name: string
  /**
   * Resolves with the child's first line of JSON with `"ready":true`, or with why it ended before that: its own last
   * words. Only for the first start; later ones happen by themselves.
   */
  readonly ready: Promise<Ready>
  /** Asks it to stop, and ends it when it does not. Resolves when it is gone. */
  stop(): Promise<void>
}
export type Ready =
  | { readonly ok: true; readonly said: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly lastWords: readonly string[] }

const firstPauseMs = 1_000
const longestPauseMs = 30_000
/** A child that ran this long had a good start: the next pause is short again. */
const goodRunMs = 60_000
const stopWithinMs = 15_000

/** Starts a child and starts it again whenever it ends, with growing pauses. One that never got ready is given up. */
export function startChild(plan: ChildPlan, parts: ChildParts): Child {
  const { clock } = parts
  const stopping = new AbortController()
  const { promise: ready, resolve } = Promise.withResolvers<Ready>()
  const keepRunning = async () => {
    let pauseMs = firstPauseMs
    for (let start = 0; !stopping.signal.aborted; start++) {
      const began = clock.now()
      const { wasReady, lastWords, how } = await runOnce(plan, parts, stopping.signal, resolve)
      if (stopping.signal.aborted) return
      if (start === 0 && !wasReady) return resolve({ ok: false, lastWords })
      if (clock.now() - began > goodRunMs) pauseMs = firstPauseMs
      parts.say(plan.name, `ended ${how}; it starts again in ${pauseMs / 1000} s`)
      await clock.wait(pauseMs, stopping.signal)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }
  const over = keepRunning()
  return {
    name: plan.name,
    ready,
    stop: () => {
      stopping.abort()
      return over
    },
  }
}

interface Run {
  readonly wasReady: boolean
  readonly lastWords: readonly string[]
  readonly how: string
}

/** One life of a child, from its start to its end. In a group of its own, so that Ctrl-C reaches us alone. */
function runOnce(
  plan: ChildPlan,
  { clock, environment, say, onPid }: ChildParts,
  stopping: AbortSignal,
  onReady: (ready: Ready) => void,
): Promise<Run> {
  const [program = '', ...args] = plan.command()
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let wasReady = false
  const lastWords: string[] = []
  const heard = (line: string) => {
    const said = readyLine(line)
    if (said !== null) {
      wasReady = true
      return onReady({ ok: true, said })
    }
    const text = readableLine(line)
    if (text === null) return
    lastWords.push(text)
    if (lastWords.length > 20) lastWords.shift()
    if (wasReady) say(plan.name, text)
  }
  child.stdout.on('data', createLines(heard))
  child.stderr.on('data', createLines(heard))
  onPid(plan.name, child.pid ?? null)
  let cancel = () => {}
  const stop = () => {
    child.kill('SIGTERM')
    cancel = clock.after(stopWithinMs, () => child.kill('SIGKILL'))
  }
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop, { once: true })
  return new Promise((resolve) => {
    const ended = (how: string) => {
      cancel()
      stopping.removeEventListener('abort', stop)
      onPid(plan.name, null)
      resolve({ wasReady, lastWords, how })
    }
    child.once('error', (error) => {
      lastWords.push(error.message)
      ended(`before it began (${error.message})`)
    })
    child.once('close', (code, signal) => ended(signal === null ? `with ${code}` : `by ${signal}`))
  })
}

function readyLine(line: string): Record<string, unknown> | null {
  if (!line.includes('"ready"')) return null
  try {
    const said: Record<string, unknown> = JSON.parse(line)
    return said.ready === true ? said : null
  } catch {
    return null
  }
}
