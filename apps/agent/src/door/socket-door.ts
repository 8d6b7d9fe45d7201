import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { Fault } from '@stint/elevation'

export interface DoorParts {
  /** Folder of this socket alone; its parents belong to root. */
  readonly dir: string
  /** The only account besides root that can connect. */
  readonly uid: number
  /** More connections than this are closed at once. */
  readonly mostConnections: number
  readonly giveSocket: (path: string, uid: number) => Promise<void>
  readonly onConnection: (socket: Socket) => void
}

/** An open socket that one account can connect to. */
export interface SocketDoor {
  readonly path: string
  close(): Promise<void>
}

/**
 * Opens `<dir>/agent.sock`. Load-bearing: the folder is closed to everybody while the socket is bound, so nobody
 * connects before it belongs to the right account; whatever stood at the path before is removed.
 * @throws Fault `unsafe-folder` when somebody other than root could put a socket in its place
 */
export async function openDoor(parts: DoorParts): Promise<SocketDoor> {
  const { dir, uid, mostConnections, giveSocket, onConnection } = parts
  const path = join(dir, 'agent.sock')
  await ownFolder(dirname(dir))
  await removeUnlessOwn(dir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  await rm(path, { recursive: true, force: true })
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    onConnection(socket)
  })
  server.maxConnections = mostConnections
  await bound(server, path)
  await giveSocket(path, uid)
  await chmod(dir, 0o711)
  return { path, close: () => closed(server, open) }
}

/** A folder that only root can change. Made if it is not there. */
export async function ownFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o711 })
  const found = await lstat(dir)
  const safe = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
  if (!safe)
    throw new Fault(
      'unsafe-folder',
      `Others than root can change ${dir}`,
      'Choose a folder that belongs to root.',
    )
  await chmod(dir, (found.mode & 0o777) | 0o711)
}

async function removeUnlessOwn(dir: string): Promise<void> {
  const found = await lstat(dir).catch(() => null)
  if (found && !(found.isDirectory() && found.uid === process.getuid?.())) await rm(dir, { recursive: true })
}

function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function closed(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  for (const socket of open) socket.destroy()
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
