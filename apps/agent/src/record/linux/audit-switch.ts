import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type AuditControl, execRules } from './audit-control.ts'
import { errno } from './native.ts'
import { NetlinkRefusal } from './netlink.ts'

const neededBacklog = 8_192
const keyForm = /^stint-(\d+)-/

/** The settings of the kernel's audit that we change. */
interface Settings {
  readonly enabled: number
  readonly backlogLimit: number
}

/** Name of one recording's rules; it holds our pid so that rules of a crashed agent can be told from live ones. */
export function ruleKey(uid: number, nonce: string): string {
  return `stint-${process.pid}-${uid}-${nonce}`.slice(0, 31)
}

/**
 * Turns the kernel's audit on for us and back to how it was found. What was found is written to a file first:
 * after a crash the next start restores from there.
 */
export class AuditSwitch {
  readonly #control: AuditControl
  readonly #settingsFile: string

  constructor(control: AuditControl, settingsFile: string) {
    this.#control = control
    this.#settingsFile = settingsFile
  }

  turnOn(): void {
    const { enabled, backlogLimit } = this.#control.status()
    if (!existsSync(this.#settingsFile)) this.#save({ enabled, backlogLimit })
    if (enabled === 0) this.#control.setEnabled(1)
    if (backlogLimit < neededBacklog) this.#control.setBacklogLimit(neededBacklog)
  }

  restore(): void {
    if (!existsSync(this.#settingsFile)) return
    const found = readSettings(this.#settingsFile)
    const now = this.#control.status()
    if (now.backlogLimit === neededBacklog) this.#control.setBacklogLimit(found.backlogLimit)
    if (now.enabled === 1 && found.enabled === 0) this.#control.setEnabled(0)
    rmSync(this.#settingsFile, { force: true })
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

  #remove(rule: Uint8Array): boolean {
    try {
      this.#control.removeRule(rule)
      return true
    } catch (error) {
      if (error instanceof NetlinkRefusal && error.errno === errno.ENOENT) return false
      throw error
    }
  }

  #save(settings: Settings): void {
    mkdirSync(dirname(this.#settingsFile), { recursive: true, mode: 0o755 })
    writeFileSync(this.#settingsFile, JSON.stringify(settings), { mode: 0o600, flush: true })
  }
}

function readSettings(path: string): Settings {
  const read = JSON.parse(readFileSync(path, 'utf8')) as Partial<Settings>
  return { enabled: Number(read.enabled ?? 0), backlogLimit: Number(read.backlogLimit ?? 64) }
}
