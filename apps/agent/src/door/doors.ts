import { join } from 'node:path'
import { courierFrameMax, userFrameMax } from '@stint/wire'
import type { CourierState } from '@stint/wire/local-courier'
import type { Reply, UserEvent } from '@stint/wire/local-user'
import type { Log } from '../config/ground.ts'
import { speakFrames } from './frames.ts'
import { openDoor, ownFolder, type SocketDoor } from './socket-door.ts'

/** What stands behind the doors. */
export interface Behind {
  userCall(uid: number, call: unknown, emit: (event: UserEvent) => void): Promise<Reply>
  forget(emit: (event: UserEvent) => void): void
  courierCall(call: unknown): Promise<Reply>
  onCourierState(tell: (state: CourierState) => void): () => void
  onPeople(tell: (uids: readonly number[]) => void): void
}

export interface DoorsParts {
  readonly behind: Behind
  /** Folder of the sockets: `u/<uid>/agent.sock`, `courier/agent.sock`. */
  readonly runDir: string
  /** Account of the courier; without one there is no door for it. */
  readonly courierUid: number | undefined
  readonly giveSocket: (path: string, uid: number) => Promise<void>
  readonly log: Log
}

const mostOfUser = 16
const mostOfCourier = 4

/** One door for every person of this computer, kept in step with the accounts, and one for the courier. */
export class Doors {
  readonly #parts: DoorsParts
  readonly #users = new Map<number, SocketDoor>()
  #courier: SocketDoor | null = null
  #queue: Promise<void> = Promise.resolve()
  #open = true

  private constructor(parts: DoorsParts) {
    this.#parts = parts
  }

  /** Resolves when everybody who is known can come in. @throws Fault `unsafe-folder` */
  static async open(parts: DoorsParts): Promise<Doors> {
    const doors = new Doors(parts)
    await ownFolder(parts.runDir)
    if (parts.courierUid !== undefined) doors.#courier = await doors.#openCourier(parts.courierUid)
    parts.behind.onPeople((uids) => doors.#follow(uids))
    await doors.#queue
    return doors
  }

  /** Uids that have a door. */
  get users(): readonly number[] {
    return [...this.#users.keys()]
  }

  async close(): Promise<void> {
    this.#open = false
    await this.#queue
    const all = [...this.#users.values(), ...(this.#courier ? [this.#courier] : [])]
    await Promise.all(all.map((door) => door.close()))
  }

  #follow(uids: readonly number[]): void {
    this.#queue = this.#queue.then(async () => {
      for (const [uid, door] of this.#users) {
        if (uids.includes(uid)) continue
        this.#users.delete(uid)
        await door.close()
      }
      for (const uid of uids) {
        if (!this.#open || this.#users.has(uid)) continue
        try {
          this.#users.set(uid, await this.#openUser(uid))
        } catch (error) {
          this.#parts.log.error(`the door of uid ${uid} could not be opened`, error)
        }
      }
    })
  }

  #openUser(uid: number): Promise<SocketDoor> {
    const { behind, runDir, giveSocket } = this.#parts
    return openDoor({
      dir: join(runDir, 'u', String(uid)),
      uid,
      mostConnections: mostOfUser,
      giveSocket,
      onConnection: (socket) => {
        const emit = (event: UserEvent) => frames.send(event)
        const frames = speakFrames(socket, userFrameMax, (call) => behind.userCall(uid, call, emit))
        socket.on('close', () => behind.forget(emit))
      },
    })
  }

  #openCourier(uid: number): Promise<SocketDoor> {
    const { behind, runDir, giveSocket } = this.#parts
    return openDoor({
      dir: join(runDir, 'courier'),
      uid,
      mostConnections: mostOfCourier,
      giveSocket,
      onConnection: (socket) => {
        const frames = speakFrames(socket, courierFrameMax, (call) => behind.courierCall(call))
        let told = ''
        const stop = behind.onCourierState((state) => {
          const text = JSON.stringify(state)
          if (text !== told) frames.send({ event: 'state', state })
          told = text
        })
        socket.on('close', stop)
      },
    })
  }
}
