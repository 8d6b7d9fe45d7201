import type { ServerResponse } from 'node:http'
import type { PageEvent } from '@stint/wire/user-page'
import type { Clock } from '../clock.ts'
import type { Door } from '../door.ts'
import type { Attempt } from '../ending.ts'

/** Between two tries to reach an agent that is not there. */
const againAfterMs = 2_000
/** A page that went away without saying so is noticed after about this long. */
const beatEveryMs = 20_000

/** Writes the user's status and every change to a page, until the page goes away. Survives restarts of the agent. */
export async function streamStatus(
  stream: ServerResponse,
  openDoor: () => Promise<Attempt<Door>>,
  clock: Clock,
): Promise<void> {
  const gone = new AbortController()
  stream.on('close', () => gone.abort())
  // A page that was reloaded at once may be gone already, and then says nothing more.
  if (stream.destroyed) gone.abort()
  stream.on('error', () => gone.abort())
  const send = (event: PageEvent) => stream.write(`data: ${JSON.stringify(event)}\n\n`)
  void beat(stream, gone.signal, clock)
  while (!gone.signal.aborted) {
    await follow(openDoor, send, gone.signal)
    if (gone.signal.aborted) return
    send({ agent: false })
    await clock.wait(againAfterMs, gone.signal)
  }
}

/** One connection to the agent, from its first status to its end. */
async function follow(
  openDoor: () => Promise<Attempt<Door>>,
  send: (event: PageEvent) => void,
  gone: AbortSignal,
): Promise<void> {
  const opened = await openDoor()
  if (!opened.ok) return
  const door = opened.value
  const { promise: over, resolve } = Promise.withResolvers<void>()
  gone.addEventListener('abort', () => resolve(), { once: true })
  const first = await door.watch(send, resolve)
  if (first.ok && !gone.aborted) {
    send({ event: 'status', status: first.value })
    await over
  }
  door.close()
}

async function beat(stream: ServerResponse, gone: AbortSignal, clock: Clock): Promise<void> {
  while (!gone.aborted) {
    await clock.wait(beatEveryMs, gone)
    if (!gone.aborted) stream.write(': here\n\n')
  }
}
