import { existsSync } from 'node:fs'
import type { ProgramPolicy } from '@stint/elevation'
import type { Clock } from '../../clock/clock.ts'
import {
  type Denier,
  type DenyAvailability,
  DenyError,
  type Denying,
  type DenyListener,
  type DenyObstacle,
  type DenyOrder,
} from '../deny.ts'
import { Fanotify, FanotifyRefusal } from './fanotify.ts'
import { GuardProcess } from './guard-process.ts'
import type { GuardOrder } from './guard-protocol.ts'
import { loadNative } from './native.ts'
import { prepareOrder } from './prepared-order.ts'

export interface LinuxDenierOptions {
  readonly clock: Clock
  /** Of the installation: the folder that holds the sessions' process groups is called so. */
  readonly name?: string
  /** Programs of Stint that sudo starts for every session. */
  readonly helpers?: readonly string[]
}

interface Armed {
  readonly prepared: GuardOrder
  readonly listener: DenyListener
}

/** Denies through fanotify: the kernel asks a process of ours, and nobody else, before a program starts. */
export class LinuxDenier implements Denier {
  readonly #clock: Clock
  readonly #installation: { readonly name: string; readonly helpers: readonly string[] }
  #armed: ReadonlyMap<symbol, Armed> = new Map()
  #guard: GuardProcess | null = null
  #changing: Promise<unknown> = Promise.resolve()

  constructor({ clock, name = 'stint', helpers = [] }: LinuxDenierOptions) {
    this.#clock = clock
    this.#installation = { name, helpers }
  }

  async available(): Promise<DenyAvailability> {
    try {
      checkKernel()
      return { available: true }
    } catch (error) {
      if (!(error instanceof DenyError)) throw error
      return { available: false, obstacle: error.code, message: error.message, hint: error.hint }
    }
  }

  async arm(order: DenyOrder, listener: DenyListener): Promise<Denying> {
    checkKernel()
    const key = Symbol(order.sessionId)
    let text = await this.#put(key, order, listener)
    let stopped: Promise<void> | null = null
    return {
      get text() {
        return text
      },
      update: async (policy: ProgramPolicy) => {
        if (stopped) throw new TypeError('denying was stopped')
        text = await this.#put(key, { ...order, policy }, listener)
      },
      stop: () => {
        stopped ??= this.#remove(key)
        return stopped
      },
    }
  }

  /** The process that answers the kernel, while there is one. */
  get guardPid(): number | undefined {
    return this.#guard?.pid
  }

  async #put(key: symbol, order: DenyOrder, listener: DenyListener): Promise<string> {
    const prepared = await prepareOrder(order, this.#installation)
    const unwatched = await this.#change(new Map([...this.#armed, [key, { prepared, listener }]]))
    const rules = order.policy.rules.length
    const reach = unwatched.length === 0 ? '' : `; not on ${unwatched.join(', ')}`
    return `fanotify (${rules} ${rules === 1 ? 'rule' : 'rules'})${reach}`
  }

  async #remove(key: symbol): Promise<void> {
    await this.#inTurn(async () => {
      const left = new Map([...this.#armed].filter(([other]) => other !== key))
      if (left.size === this.#armed.size) return
      this.#armed = left
      // The guard goes with the last of them: nothing of the computer waits for us while nobody is raised.
      if (left.size > 0) await this.#guard?.obey([...left.values()].map(({ prepared }) => prepared))
      else await this.#endGuard()
    })
  }

  #change(wanted: ReadonlyMap<symbol, Armed>): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      this.#guard ??= new GuardProcess(this.#clock, {
        onDenied: (fact) => this.#tell(fact),
        onLost: (why) => this.#lose(why),
      })
      try {
        const unwatched = await this.#guard.obey([...wanted.values()].map(({ prepared }) => prepared))
        this.#armed = wanted
        return unwatched
      } catch (error) {
        if (this.#armed.size === 0) await this.#endGuard()
        throw error
      }
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(work)
    this.#changing = done.catch(() => undefined)
    return done
  }

  async #endGuard(): Promise<void> {
    const guard = this.#guard
    this.#guard = null
    await guard?.stop()
  }

  #tell(fact: Parameters<DenyListener['onDenied']>[0]): void {
    for (const { prepared, listener } of this.#armed.values())
      if (fact.kind === 'untold' || fact.uid === prepared.uid) listener.onDenied(fact)
  }

  #lose(why: string): void {
    const lost = this.#armed
    this.#armed = new Map()
    this.#guard = null
    for (const { listener } of lost.values()) listener.onLost(why)
  }
}

/** @throws DenyError when this computer cannot keep programs from starting */
function checkKernel(): void {
  if (process.getuid?.() !== 0)
    throw refusal('not-root', 'Only root can keep programs from starting.', 'Start the agent as root.')
  if (!existsSync('/proc/self/loginuid') || process.platform !== 'linux')
    throw refusal(
      'kernel-unsupported',
      'This kernel does not know who logged in.',
      'Use a kernel with CONFIG_AUDIT.',
    )
  let native: ReturnType<typeof loadNative>
  try {
    native = loadNative()
  } catch (error) {
    const hint = 'Install Stint for this machine and C library.'
    throw refusal('no-native-calls', 'The part that talks to the kernel does not load.', hint, error)
  }
  try {
    new Fanotify(native).close()
  } catch (error) {
    if (!(error instanceof FanotifyRefusal)) throw error
    const hint = 'Use Linux 5.0 or newer with CONFIG_FANOTIFY_ACCESS_PERMISSIONS, outside of a container.'
    throw refusal(
      'kernel-unsupported',
      'This kernel does not let us keep programs from starting.',
      hint,
      error,
    )
  }
}

function refusal(code: DenyObstacle, message: string, hint: string, cause?: unknown): DenyError {
  return new DenyError(code, message, hint, cause)
}
