import { existsSync } from 'node:fs'
import type { Clock } from '../../clock/clock.ts'
import {
  type Recorder,
  type Recording,
  type RecordingAvailability,
  RecordingError,
  type RecordingFact,
  type RecordingObstacle,
  type RunningProgram,
} from '../record.ts'
import { AuditControl, knowsMachine } from './audit-control.ts'
import { AuditSession } from './audit-session.ts'
import { AuditSwitch } from './audit-switch.ts'
import { loadNative, type Native } from './native.ts'
import { NetlinkRefusal } from './netlink.ts'

export interface LinuxRecorderOptions {
  readonly clock: Clock
  /**
   * Where the audit settings that were found are kept while they are changed, so that a crash can be undone. All
   * recorders of a computer share it, of whatever installation: audit is switched for the whole computer.
   */
  readonly settingsFile?: string
}

const locked = 2
const x32Getpid = 0x4000_0000 + 39

/** Records through the kernel's audit, and ends through its process connector. */
export class LinuxRecorder implements Recorder {
  readonly #clock: Clock
  readonly #settingsFile: string
  #session: Promise<AuditSession> | null = null
  #people = 0

  constructor({ clock, settingsFile = '/run/stint-audit-before.json' }: LinuxRecorderOptions) {
    this.#clock = clock
    this.#settingsFile = settingsFile
  }

  async available(): Promise<RecordingAvailability> {
    try {
      const native = nativeOrError()
      const control = openControl(native)
      try {
        return availabilityOf(control, native)
      } finally {
        control.close()
      }
    } catch (error) {
      if (error instanceof RecordingError) {
        return { available: false, obstacle: error.code, message: error.message, hint: error.hint }
      }
      throw error
    }
  }

  async recover(): Promise<void> {
    if (this.#session !== null || !(await this.available()).available) return
    const native = nativeOrError()
    const control = openControl(native)
    try {
      const audit = new AuditSwitch(native, control, this.#settingsFile)
      audit.removeLeftovers()
      audit.leave()
    } finally {
      control.close()
    }
  }

  async start(
    uid: number,
    onFact: (fact: RecordingFact) => void,
    earlier: readonly RunningProgram[] = [],
  ): Promise<Recording> {
    const availability = await this.available()
    if (!availability.available) throw unavailable(availability)
    this.#people++
    try {
      this.#session ??= AuditSession.open(nativeOrError(), this.#clock, this.#settingsFile)
      const session = await this.#session
      const key = await session.add(uid, onFact, earlier)
      let stopped: Promise<void> | null = null
      return {
        stop: () => {
          stopped ??= session.remove(key).finally(() => this.#leave())
          return stopped
        },
      }
    } catch (error) {
      await this.#leave()
      throw asRecordingError(error)
    }
  }

  /** The worker runs only while somebody is recorded. */
  async #leave(): Promise<void> {
    if (--this.#people > 0) return
    const session = this.#session
    this.#session = null
    await (await session?.catch(() => null))?.close()
  }
}

function availabilityOf(control: AuditControl, native: Native): RecordingAvailability {
  const status = control.status()
  if (status.enabled === locked) {
    throw refusal(
      'audit-locked',
      'The audit rules of this computer are locked until the next start.',
      'Remove "-e 2" from the audit rules and restart.',
    )
  }
  if (control.rules().some((rule) => rule.silencesTasks)) {
    throw refusal(
      'tasks-excluded',
      'An audit rule of this computer switches recording off for all programs.',
      'Remove "-a never,task" from /etc/audit/rules.d and restart.',
    )
  }
  const other = status.pid !== 0 && status.pid !== process.pid && existsSync(`/proc/${status.pid}`)
  return {
    available: true,
    source: other ? 'beside' : 'alone',
    exits: existsSync('/proc/net/connector'),
    x32: hasX32(native),
  }
}

/**
 * Calls by x32 numbers lie beyond those that an audit rule can name, so no rule sees them. Kernels built for them take
 * them only when started with `syscall.x32=y`.
 */
function hasX32(native: Native): boolean {
  return process.arch === 'x64' && native.call(x32Getpid) >= 0
}

function nativeOrError(): Native {
  if (process.getuid?.() !== 0) {
    throw refusal(
      'not-root',
      'Only root can record elevated programs.',
      'Start the agent with sudo, or as a service.',
    )
  }
  if (!existsSync('/proc/self/loginuid') || !knowsMachine(process.arch)) {
    throw refusal(
      'no-kernel-audit',
      'This kernel cannot record programs.',
      'Use a kernel with CONFIG_AUDITSYSCALL on x86-64 or arm64.',
    )
  }
  try {
    return loadNative()
  } catch (error) {
    throw refusal(
      'no-native-calls',
      'The part that talks to the kernel does not load.',
      'Install Stint for this machine and C library.',
      error,
    )
  }
}

function openControl(native: Native): AuditControl {
  try {
    return new AuditControl(native)
  } catch (error) {
    throw asRecordingError(error)
  }
}

function asRecordingError(error: unknown): unknown {
  if (!(error instanceof NetlinkRefusal)) return error
  return refusal(
    'refused',
    'The kernel does not let us record programs.',
    'Run outside of a container, with CAP_AUDIT_CONTROL.',
    error,
  )
}

function refusal(code: RecordingObstacle, message: string, hint: string, cause?: unknown): RecordingError {
  return new RecordingError(code, message, hint, cause)
}

function unavailable({
  obstacle,
  message,
  hint,
}: RecordingAvailability & { available: false }): RecordingError {
  return new RecordingError(obstacle, message, hint)
}
