import { type BigIntStats, fstatSync, readlinkSync, statSync } from 'node:fs'
import { decideProgram, type ProgramDecision, type ProgramFacts } from '@stint/elevation'
import type { DeniedStart } from '../deny.ts'
import { type Asking, isElevated, isInGroup, readAsking, readGroup, readLoginUid } from './asking.ts'
import { type ExecCall, readCommandLine, readExecCall, statOrNull } from './exec-call.ts'
import type { Question } from './fanotify.ts'
import type { GuardOrder, NamedFile } from './guard-protocol.ts'
import type { OpenFileDigests } from './open-file-digests.ts'

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly denied: DeniedStart }

export interface JudgeParts {
  readonly digests: OpenFileDigests
  /** The agent: itself and what it starts are never judged. */
  readonly agentPid: number
  /** Device of memory files, of which the kernel never asks. */
  readonly memoryDevice: bigint
  readonly wallMs: () => number
}

interface Armed {
  readonly order: GuardOrder
  readonly byFile: ReadonlyMap<string, readonly string[]>
  readonly bySize: ReadonlyMap<number, readonly NamedFile[]>
}

const yes = { allowed: true, rule: null } as const
const mostStartsRemembered = 4_096

/**
 * Answers the kernel's questions by the orders in force. It opens no file by name: that could make it wait for its
 * own answer.
 */
export class Judge {
  readonly #parts: JudgeParts
  #armed: readonly Armed[] = []
  /** By thread: the program that it was last allowed to start. */
  readonly #starting = new Map<number, Started>()

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  set orders(orders: readonly GuardOrder[]) {
    this.#armed = orders.map((order) => ({
      order,
      byFile: filesById(order.named),
      bySize: Map.groupBy(
        order.named.filter(({ sha256 }) => sha256 !== null),
        ({ size }) => size,
      ),
    }))
  }

  /**
   * What is unknown about who asks lets it pass, for most processes belong to nobody's session. What is unknown about
   * the program does not.
   */
  judge(question: Question): Verdict {
    const asked = this.#whoAsks(question.tid)
    if (asked === null) return yes
    const stats = fstatSync(question.fd, { bigint: true })
    if (!stats.isFile()) return yes
    const facts = this.#facts(question.fd, stats, asked.armed)
    // A watched file is asked for twice when it is run: the second time as one that is read.
    const call = readExecCall(question.tid)
    const toStart = question.toExecute || call !== null
    const { policy, uid } = asked.armed.order
    const decision = toStart
      ? this.#decideStart(question.tid, { order: asked.armed.order, stats, call, facts })
      : decideProgram(policy, facts)
    // Reading alone starts nothing, so only a rule that names the file keeps it from being read.
    if (decision.allowed || (decision.rule === null && !toStart)) return yes
    const { pid, parentPid, uids } = asked.asking
    const { argv, argvCut } = call?.argumentsNow() ?? readCommandLine(question.tid)
    return {
      allowed: false,
      denied: {
        ...{ kind: 'denied', how: toStart ? 'start' : 'read', uid },
        ...{ pid, parentPid, effectiveUid: uids[1] ?? 0, argv, argvCut },
        ...{ program: facts.path ?? '(no name)', sha256: facts.sha256, atMs: this.#parts.wallMs() },
        ...{ rule: decision.rule, note: decision.note },
      },
    }
  }

  /**
   * The kernel asks for the program first, then for its interpreter and loader, which nobody named. Those go with the
   * program, if it is the one that was just allowed. A memory file, and one out of our reach, never was.
   */
  #decideStart(tid: number, { order, stats, call, facts }: Start): ProgramDecision {
    const named = call === null ? null : statOrNull(call.file)
    if (named === null || fileNumber(named) === fileNumber(stats)) {
      const helps = isHelper(order, facts)
      const decision = helps ? yes : decideProgram(order.policy, facts)
      if (decision.allowed) this.#remember(tid, { file: fileNumber(stats), helps })
      return decision
    }
    const started = this.#starting.get(tid)
    const goesWith = started?.file === fileNumber(named) ? started : null
    const decision = goesWith?.helps ? yes : decideProgram(order.policy, facts)
    if (goesWith !== null) return decision.allowed || decision.rule === null ? yes : decision
    if (!decision.allowed) return decision
    return named.dev === this.#parts.memoryDevice
      ? decideProgram(order.policy, memoryFile)
      : decideProgram({ ...order.policy, rules: [] }, facts)
  }

  #remember(tid: number, started: Started): void {
    const [oldest] = this.#starting.keys()
    if (this.#starting.size >= mostStartsRemembered && oldest !== undefined) this.#starting.delete(oldest)
    this.#starting.delete(tid)
    this.#starting.set(tid, started)
  }

  #whoAsks(tid: number): Asked | null {
    const loginUid = readLoginUid(tid)
    if (loginUid === null) return null
    const armed = this.#armed.find(({ order }) => order.uid === loginUid) ?? this.#byGroup(readGroup(tid))
    const asking = armed === undefined ? null : readAsking(tid)
    if (armed === undefined || asking === null || !isElevated(asking, armed.order.uid)) return null
    const { agentPid } = this.#parts
    return asking.pid === agentPid || asking.parentPid === agentPid ? null : { armed, asking }
  }

  /** Root can change its login id; as long as it stays in the session's group it is known by that. */
  #byGroup(cgroup: string): Armed | undefined {
    return this.#armed.find(({ order }) => isInGroup(cgroup, order.group))
  }

  #facts(fd: number, stats: BigIntStats, { order, byFile, bySize }: Armed): ProgramFacts {
    const { digests } = this.#parts
    const path = stats.nlink === 0n ? null : pathOf(fd)
    let digest: string | null | undefined
    const sha256 = (): string | null => {
      if (digest === undefined) digest = digests.sha256(fd, stats)
      return digest
    }
    const copies = (bySize.get(Number(stats.size)) ?? []).filter((named) => named.sha256 === sha256())
    const otherPaths = [...(byFile.get(fileId(stats)) ?? []), ...copies.map(({ asPath }) => asPath)]
    return {
      path,
      otherPaths,
      get sha256() {
        return sha256()
      },
      owner: `#${stats.uid}`,
      package:
        order.packages === null || path === null ? null : packageOf(order.packages, [path, ...otherPaths]),
    }
  }
}

/** Null when the path is longer than the kernel tells: whoever makes one so long must not end the guard. */
export function pathOf(fd: number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return null
    throw error
  }
}

/** A program that was allowed to start. */
interface Started {
  readonly file: string
  readonly helps: boolean
}

function fileNumber({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`
}

function isHelper({ helpers }: GuardOrder, facts: ProgramFacts): boolean {
  return helpers.some(({ file, sha256 }) => file === facts.path && sha256 === facts.sha256)
}

interface Start {
  readonly order: GuardOrder
  readonly stats: BigIntStats
  readonly call: ExecCall | null
  readonly facts: ProgramFacts
}

/** Nothing is known of such a program but that it belongs to no package. */
const memoryFile: ProgramFacts = { path: null, otherPaths: [], sha256: null, owner: null, package: '' }

interface Asked {
  readonly armed: Armed
  readonly asking: Asking
}

function packageOf(packages: Readonly<Record<string, string>>, paths: readonly string[]): string {
  const known = paths.find((path) => Object.hasOwn(packages, path))
  return known === undefined ? '' : (packages[known] ?? '')
}

/** Survives renaming and linking; a later file of the same number was born later. */
export function fileId({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`
}

function filesById(named: readonly NamedFile[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { file, asPath } of named) {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined) continue
    const id = fileId(stats)
    found.set(id, [...(found.get(id) ?? []), asPath, file])
  }
  return found
}
