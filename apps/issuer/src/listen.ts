import { chmodSync, chownSync, renameSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { Fault, type Outcome } from '@stint/elevation'
import { FrameReader, frame, issuerFrameMax } from '@stint/wire'
import type { IssuerCall } from '@stint/wire/issuer'
import type { Reply } from '@stint/wire/local-user'

/** What a socket serves: `createIssuer` is one. `call` checks what it is given. */
export interface Answering {
  call(call: IssuerCall): Promise<Outcome<unknown>>
}

export interface Listening {
  close(): Promise<void>
}

/** More than the server ever opens. */
const connectionsMax = 64

/**
 * Serves the issuer on a unix socket that only this account can open (mode 0600), or also the members of `group`
 * (0660): then the server runs as an account of its own, which has the calls and not the keys. The socket is made beside
 * its place and renamed into it, so that a stale one of a killed process is replaced and nobody meets one with another
 * mode; that no second issuer is alive is known by the lock on the store, which the caller holds.
 * `log` gets words of ours and codes of faults, never what a caller sent.
 */
export async function listen(
  path: string,
  issuer: Answering,
  log: (line: string) => void,
  group: number | null = null,
): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, issuer, log)
  })
  server.maxConnections = connectionsMax
  const fresh = `${path}.${process.pid}`
  rmSync(fresh, { force: true })
  await listenAt(server, fresh)
  if (group !== null) chownSync(fresh, process.getuid?.() ?? -1, group)
  chmodSync(fresh, group === null ? 0o600 : 0o660)
  renameSync(fresh, path)
  return {
    close: () =>
      new Promise((resolve) => {
        rmSync(path, { force: true })
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** The mask keeps the socket closed to others also in the moment between its making and the change of its mode. */
function listenAt(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177)
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  }).finally(() => process.umask(mask))
}

function serve(socket: Socket, issuer: Answering, log: (line: string) => void): void {
  const reader = new FrameReader(issuerFrameMax)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const text of reader.push(chunk)) void answer(socket, issuer, text, log)
    } catch (error) {
      log(`connection closed: ${codeOf(error)}`)
      socket.destroy()
    }
  })
}

async function answer(
  socket: Socket,
  issuer: Answering,
  text: string,
  log: (line: string) => void,
): Promise<void> {
  const call = readCall(text)
  if (call === undefined) {
    log('connection closed: a frame is not a call')
    socket.destroy()
    return
  }
  const reply = await replyTo(issuer, call, log)
  if (!socket.destroyed) socket.write(frame(reply))
}

/** A frame with an id to answer to; everything else about it is checked by the issuer. */
function readCall(text: string): IssuerCall | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const hasId = typeof value === 'object' && value !== null && 'id' in value && Number.isInteger(value.id)
    return hasId ? (value as IssuerCall) : undefined
  } catch {
    return undefined
  }
}

async function replyTo(issuer: Answering, call: IssuerCall, log: (line: string) => void): Promise<Reply> {
  const { id } = call
  try {
    const outcome = await issuer.call(call)
    return outcome.ok ? { id, ok: true, result: outcome.value } : { id, ok: false, refused: outcome.refused }
  } catch (error) {
    log(`call failed: ${codeOf(error)}`)
    return { id, ok: false, fault: faultOf(error) }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Fault ? error.code : 'unexpected'
}

/** Only words that we wrote ourselves leave: an unexpected error's message could hold anything. */
function faultOf(error: unknown): { code: string; message: string; hint: string } {
  if (error instanceof Fault) return { code: error.code, message: error.message, hint: error.hint }
  return { code: 'unexpected', message: 'The issuer failed', hint: 'See its log, and report what you did.' }
}
