import { dirname } from 'node:path'
import { Fault } from '@stint/elevation'
import type { Disk } from '../src/config/disk.ts'

/** Thrown where the power goes: whatever the product does after it must not count. */
export class PowerCut extends Error {}

/**
 * A disk in memory that fails as a real one does. Knobs: `cutAt`: the power goes at that durable step, counted from
 * 1, before or after it took effect, or in its middle; `full`: no space. Content survives in `files`.
 */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Uint8Array>()
  steps = 0
  full = false
  /** Steps whose path ends with this are the ones that fail while `full`. */
  fullFor = ''
  cutAt: { readonly step: number; readonly when: 'before' | 'torn' | 'after' } | null = null
  readonly power: { on: boolean }

  constructor(power: { on: boolean } = { on: true }) {
    this.power = power
  }

  /** The same content with the power back on. */
  rebooted(power: { on: boolean } = { on: true }): MemoryDisk {
    const disk = new MemoryDisk(power)
    for (const [path, content] of this.files) disk.files.set(path, content.slice())
    return disk
  }

  async makeDir(): Promise<void> {}

  async read(path: string): Promise<Uint8Array | null> {
    if (!this.power.on) throw new PowerCut()
    return this.files.get(path)?.slice() ?? null
  }

  async list(path: string): Promise<readonly string[]> {
    const inside = [...this.files.keys()].filter((file) => dirname(file) === path)
    return inside.map((file) => file.slice(path.length + 1)).sort()
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    await this.#step(path, () => this.files.set(path, content.slice()))
  }

  async append(path: string, offset: number, content: Uint8Array): Promise<void> {
    const whole = (part: Uint8Array) => {
      const old = this.files.get(path) ?? new Uint8Array()
      if (old.length < offset) throw new Fault('disk-failed', 'shorter', 'look')
      this.files.set(path, Buffer.concat([old.subarray(0, offset), part]))
    }
    await this.#step(
      path,
      () => whole(content),
      () => whole(content.subarray(0, Math.floor(content.length / 2))),
    )
  }

  /** Frees space, so it works on a full disk. */
  async remove(path: string): Promise<void> {
    if (!this.power.on) throw new PowerCut()
    this.files.delete(path)
  }

  async erase(path: string): Promise<void> {
    const old = this.files.get(path)
    if (!old) return
    await this.#step(
      path,
      () => this.files.delete(path),
      () => this.files.set(path, new Uint8Array(old.length)),
    )
  }

  async #step(path: string, effect: () => unknown, half?: () => unknown): Promise<void> {
    if (!this.power.on) throw new PowerCut()
    if (this.full && path.endsWith(this.fullFor))
      throw new Fault('disk-full', 'The disk is full', 'Make space.')
    this.steps += 1
    if (this.cutAt?.step !== this.steps) {
      effect()
      return
    }
    this.power.on = false
    if (this.cutAt.when === 'after') effect()
    if (this.cutAt.when === 'torn') half?.()
    throw new PowerCut()
  }
}
