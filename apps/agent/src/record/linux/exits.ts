import type { ProcessEnded } from '../record.ts'

/** A process that ended, as the kernel reports it. `status` is a wait status. */
export interface Exit {
  readonly pid: number
  readonly status: number
  readonly endedAtMs: number
}

const exitKind = 0x8000_0000
const eventAt = 20
const bytesNeeded = eventAt + 32

/**
 * Reads a message of the process connector (linux/cn_proc.h): 20 bytes of cn_msg, then kind, cpu, time, and for an
 * exit pid, tgid, status. `null` for other events and for ends of single threads.
 * @param monotonicNs what the kernel's running clock said at `nowMs`, to turn its time stamp into wall time. The
 *   event may be later than both: load-bearing when many are read in a row, for an end must not seem to be before
 *   its start.
 */
export function readExit(payload: Buffer, monotonicNs: bigint, nowMs: number): Exit | null {
  if (payload.length < bytesNeeded || payload.readUInt32LE(eventAt) !== exitKind) return null
  const pid = payload.readUInt32LE(eventAt + 16)
  if (pid !== payload.readUInt32LE(eventAt + 20)) return null
  const ageMs = Number(monotonicNs - payload.readBigUInt64LE(eventAt + 8)) / 1e6
  return {
    pid,
    status: payload.readUInt32LE(eventAt + 24),
    endedAtMs: Math.round(nowMs - ageMs),
  }
}

/** How long an end waits for its start; the two come by different ways, and the end is often the faster. */
const orphanMs = 10_000
/**
 * How much earlier than its start an end may seem: start and end are stamped by different clocks, one of them coarse.
 * Far less than the time in which the kernel could give the same number to another process.
 */
const stampSlackMs = 1_000

export interface Started {
  readonly id: string
  readonly pid: number
  readonly auid: number
  readonly startedAtMs: number
}

/** Joins starts and ends by pid. A process that replaced itself ends once for each of its programs. */
export class ExitJoin {
  readonly #running = new Map<number, Started[]>()
  readonly #orphans = new Map<number, Exit>()

  /** A program started; answers its end if that is known already. */
  started(program: Started): readonly ProcessEnded[] {
    const ended = this.#endOf(program)
    if (ended) return [ended]
    const running = this.#running.get(program.pid)
    if (running) running.push(program)
    else this.#running.set(program.pid, [program])
    return []
  }

  /**
   * A program that an earlier run of the agent recorded; answers its end if that was seen since we listen.
   * @param isThere whether it was still running after we began to listen; if not, its number may be somebody else's soon
   */
  expected(program: Started, isThere: boolean): readonly ProcessEnded[] {
    if (isThere) return this.started(program)
    const ended = this.#endOf(program)
    return ended ? [ended] : []
  }

  /** A process ended; answers the facts when it was one of ours. */
  ended(exit: Exit): readonly ProcessEnded[] {
    const programs = this.#running.get(exit.pid) ?? []
    this.#running.delete(exit.pid)
    this.#orphans.delete(exit.pid)
    this.#orphans.set(exit.pid, exit)
    return programs.map((program) => endOf(program, exit))
  }

  forget(nowMs: number): void {
    for (const [pid, exit] of this.#orphans) {
      if (nowMs - exit.endedAtMs < orphanMs) break
      this.#orphans.delete(pid)
    }
  }

  #endOf(program: Started): ProcessEnded | null {
    const exit = this.#orphans.get(program.pid)
    return exit && exit.endedAtMs + stampSlackMs >= program.startedAtMs ? endOf(program, exit) : null
  }
}

function endOf({ id, pid, auid }: Started, { status, endedAtMs }: Exit): ProcessEnded {
  const signal = status & 0x7f
  return {
    kind: 'ended',
    id,
    pid,
    auid,
    exitCode: signal === 0 ? (status >> 8) & 0xff : null,
    signal: signal === 0 ? null : signal,
    endedAtMs,
  }
}
