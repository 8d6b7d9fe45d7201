import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type AuditControl, execRules } from './audit-control.ts'
import { neededBacklog } from './audit-events.ts'
import { type FoundSettings, SharedSettings } from './found-settings.ts'
import { errno, type Native } from './native.ts'
import { NetlinkRefusal } from './netlink.ts'

const keyForm = /^stint-(\d+)-(\d+)-/

/** Name of one recording's rules; it holds our pid so that rules of a crashed agent can be told from live ones. */
export function ruleKey(uid: number, nonce: string): string {
  return `stint-${process.pid}-${uid}-${nonce}`.slice(0, 31)
}

/**
 * Turns the kernel's audit on for us and back to how it was found, also where several recorders run. What was found
 * is written to a file first: after a crash the next start restores from there.
 */
export class AuditSwitch {
  readonly #control: AuditControl
  readonly #shared: SharedSettings

  /** @param settingsFile the same for all recorders of a computer */
  constructor(native: Native, control: AuditControl, settingsFile: string) {
    this.#control = control
    mkdirSync(dirname(settingsFile), { recursive: true, mode: 0o755 })
    this.#shared = SharedSettings.join(native, settingsFile)
  }

  turnOn(): void {
    const { enabled, backlogLimit, rateLimit } = this.#control.status()
    this.#shared.keep({ enabled, backlogLimit, rateLimit })
    if (enabled === 0) this.#control.setEnabled(1)
    if (backlogLimit < neededBacklog) this.#control.setBacklogLimit(neededBacklog)
    if (rateLimit !== 0) this.#control.setRateLimit(0)
  }

  /** To be called once, at the end: another recorder may go on, and then the last one restores. */
  leave(): void {
    this.#shared.leave((found) => this.#restore(found))
  }

  /** Adds those that are missing. @returns how many, each of which the kernel will report with the key */
  addRules(uid: number, key: string): number {
    const present = this.#control.rules().filter((rule) => rule.key === key)
    const missing = execRules(uid, key, process.arch).filter(
      (rule) => !present.some(({ bytes }) => Buffer.compare(bytes, rule) === 0),
    )
    for (const rule of missing) this.#control.addRule(rule)
    return missing.length
  }

  /** Removes what `addRules` added and is still there. @returns how many */
  removeRules(uid: number, key: string): number {
    return execRules(uid, key, process.arch).filter((rule) => this.#remove(rule)).length
  }

  /** Rules of an agent that is no longer running. */
  removeLeftovers(): void {
    for (const { key, bytes } of this.#control.rules()) {
      const owner = keyForm.exec(key)?.[1]
      if (owner !== undefined && (Number(owner) === process.pid || !existsSync(`/proc/${owner}`)))
        this.#remove(bytes)
    }
  }

  /** Whether the rules with this key are those of another recorder, which hide nothing. */
  isOfAnotherRecorder(key: string): boolean {
    const [, pid, uid] = keyForm.exec(key) ?? []
    if (Number(pid) === process.pid || !existsSync(`/proc/${pid}`)) return false
    const theirs = execRules(Number(uid), key, process.arch)
    const present = this.#control.rules().filter((rule) => rule.key === key)
    return present.every(({ bytes }) => theirs.some((rule) => Buffer.compare(rule, bytes) === 0))
  }

  #remove(rule: Uint8Array): boolean {
    try {
      this.#control.removeRule(rule)
      return true
    } catch (error) {
      if (error instanceof NetlinkRefusal && error.errno === errno.ENOENT) return false
      throw error
    }
  }

  #restore(found: FoundSettings): void {
    const now = this.#control.status()
    if (now.backlogLimit === neededBacklog) this.#control.setBacklogLimit(found.backlogLimit)
    if (now.rateLimit === 0 && found.rateLimit !== 0) this.#control.setRateLimit(found.rateLimit)
    if (now.enabled === 1 && found.enabled === 0) this.#control.setEnabled(0)
  }
}
