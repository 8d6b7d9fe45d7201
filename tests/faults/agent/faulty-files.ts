import fs from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import type { FaultPlan, Step, StepKind } from './fault-plan.ts'

/**
 * Stands between the agent's `FileDisk` and the kernel: every change of a file under one folder is a numbered step,
 * which can be made to fail, or to be the last thing that this process does.
 */
export class FaultyFiles {
  readonly #folder: string
  readonly #real = { ...fs.promises }
  #plan: FaultPlan | null = null
  #steps: Step[] = []
  /** Calls that are not over. */
  underWay = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** From now on `node:fs/promises` is ours in this process. */
  static install(folder: string): FaultyFiles {
    const files = new FaultyFiles(folder)
    const real = files.#real
    Object.assign(fs.promises, {
      open: files.#open,
      mkdir: files.#onlyCounted(real.mkdir),
      rename: (from: string, to: string) => files.#step('rename', to, () => real.rename(from, to)),
      unlink: (path: string) => files.#unlink(path),
      readFile: files.#onlyCounted(real.readFile),
      readdir: files.#onlyCounted(real.readdir),
    })
    syncBuiltinESMExports()
    return files
  }

  /** Forgets the steps so far. Null: nothing goes wrong any more. */
  plan(plan: FaultPlan | null): void {
    this.#plan = plan
    this.#steps = []
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  #onlyCounted<A extends unknown[], R>(real: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return (...args) => this.#counted(() => real(...args))
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1
    try {
      return await work()
    } finally {
      this.underWay -= 1
    }
  }

  readonly #open = async (path: string, flags?: string | number, mode?: number): Promise<FileHandle> => {
    if (!path.startsWith(this.#folder)) return this.#real.open(path, flags, mode)
    const isFolder = flags === 'r'
    const open = () => this.#real.open(path, flags, mode)
    const creates = !isFolder && !fs.existsSync(path)
    const file = await (creates ? this.#step('create', path, open) : this.#counted(open))
    return this.#watched(file, path, isFolder)
  }

  #watched(file: FileHandle, path: string, isFolder: boolean): FileHandle {
    const half = async (content: Uint8Array, at: number | null) =>
      void (await file.write(content, 0, Math.floor(content.length / 2), at))
    const own: Partial<Record<keyof FileHandle, unknown>> = {
      sync: () => this.#step(isFolder ? 'sync-folder' : 'sync', path, () => file.sync()),
      truncate: (length: number) => this.#step('truncate', path, () => file.truncate(length)),
      writeFile: (content: Uint8Array) =>
        this.#step(
          'write',
          path,
          () => file.writeFile(content),
          () => half(content, null),
        ),
      write: (content: Uint8Array, offset: number, length: number, at: number) =>
        this.#step(
          'write',
          path,
          () => file.write(content, offset, length, at),
          () => half(content.subarray(offset, offset + length), at),
        ),
    }
    return new Proxy(file, {
      get: (target, name) => {
        if (Object.hasOwn(own, name)) return own[name as keyof FileHandle]
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => this.#counted(async () => Reflect.apply(member, target, args))
      },
    })
  }

  async #unlink(path: string): Promise<void> {
    // Removing what is not there changes nothing.
    if (!fs.existsSync(path)) return this.#counted(() => this.#real.unlink(path))
    return this.#step('unlink', path, () => this.#real.unlink(path))
  }

  #step<T>(kind: StepKind, path: string, work: () => Promise<T>, half?: () => Promise<void>): Promise<T> {
    return this.#counted(async () => {
      if (!path.startsWith(this.#folder)) return work()
      this.#steps.push({ kind, file: basename(path) })
      const { step, fault, lasting } = this.#plan ?? {
        step: Number.POSITIVE_INFINITY,
        fault: 'kill',
        lasting: false,
      }
      const here = this.#steps.length
      if (here !== step && !(lasting && here > step)) return work()
      if (fault === 'kill') return dead()
      if (fault === 'kill-after') {
        await work()
        return dead()
      }
      await half?.()
      if (fault === 'kill-torn') return dead()
      throw Object.assign(new Error(`${fault}: ${kind} ${path}`), { code: fault })
    })
  }
}

/** The kernel ends this process here; nothing after it runs. */
function dead(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}
