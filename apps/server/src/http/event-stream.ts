import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Timers } from '../clock.ts'

/** Server-sent events to one listener. */
export interface EventStream {
  /** `data` becomes one line of JSON. Returns false when the listener does not keep up and was let go. */
  send(event: { readonly id: string; readonly event: string; readonly data: unknown }): boolean
  close(): void
  onClose(effect: () => void): void
  /** What the listener saw last, from its `Last-Event-ID`; null at a fresh start. */
  readonly lastEventId: string | null
}

const HEARTBEAT_MS = 15_000
/** A listener that is this far behind is let go; it comes back and resumes. */
const BACKLOG_BYTES = 1024 * 1024

/**
 * Takes the connection over. Every 15 seconds a comment goes out, so that both ends notice a dead line; before
 * it, `stillWelcome` is asked, and a listener who is not is let go.
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  timers: Timers,
  stillWelcome: () => Promise<boolean>,
): EventStream {
  const { raw } = reply
  const effects: (() => void)[] = []
  const headers = Object.entries(reply.getHeaders()).filter(
    (header): header is [string, string] => header[1] !== undefined,
  )
  reply.hijack()
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write(': welcome\n\n')
  const close = () => raw.end()
  const stop = timers.every(HEARTBEAT_MS, () => {
    stillWelcome().then(
      (welcome) => (welcome ? raw.write(': still here\n\n') : close()),
      () => close(),
    )
  })
  let isOver = false
  const over = () => {
    isOver = true
    stop()
    for (const effect of effects.splice(0)) effect()
  }
  // Somebody who hung up while his call was judged has closed already, and nobody says so a second time.
  if (raw.destroyed) over()
  else raw.on('close', over)
  const last = request.headers['last-event-id']
  return {
    lastEventId: typeof last === 'string' ? last : null,
    close,
    onClose: (effect) => (isOver ? effect() : effects.push(effect)),
    send({ id, event, data }) {
      raw.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (raw.writableLength <= BACKLOG_BYTES) return true
      raw.destroy()
      return false
    },
  }
}
