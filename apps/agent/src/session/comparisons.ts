import type { Disk } from '../config/disk.ts'
import type { Ground } from '../config/ground.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { SystemSnapshot } from '../os/os.ts'
import { type Before, BeforeFiles, type WalkBefore } from './before-files.ts'
import { type Change, type Comparison, changedBody, changesBetween, kindOf, type Undone } from './changes.ts'

export interface ComparisonGround extends Pick<Ground, 'os' | 'clock' | 'keeper' | 'policy' | 'log'> {
  readonly disk: Disk
  /** Folder of everything the agent keeps. */
  readonly stateDir: string
}

/**
 * What every session changed of the computer. Settings are looked at before the rights go up. The walk over the file
 * systems begins then too, but nobody waits for it: what the file system dates after its begin was not there before.
 * After the end both are looked at again; what differs is written down, then put back where the policy says so.
 */
export class Comparisons {
  readonly #ground: ComparisonGround
  readonly #files: BeforeFiles
  readonly #before = new Map<string, Before>()
  readonly #walks = new Map<string, Promise<WalkBefore>>()
  readonly #found = new Map<string, Comparison>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(ground: ComparisonGround) {
    this.#ground = ground
    this.#files = new BeforeFiles(ground.disk, `${ground.stateDir}/before`)
  }

  /** The first look; durable when this resolves. Never rejects: a session without it is possible, and shows none. */
  async begin(session: SessionRecord): Promise<void> {
    const { os, clock, policy, log } = this.#ground
    const { sessionId, journalFrom } = session
    try {
      const { wallMs: sinceWallMs, bootId } = clock.now()
      const undo = policy.current?.undo ?? []
      const sessions = this.#sessionIds()
      const settings = await os.snapshot({ part: 'settings', copies: undo, sessions, sinceWallMs: null })
      const before: Before = { v: 1, sessionId, journalFrom, bootId, sinceWallMs, undo, settings }
      this.#before.set(sessionId, before)
      this.#walks.set(sessionId, this.#walk(sessionId))
      await this.#files.write(sessionId, 'settings', before)
    } catch (error) {
      log.error('what the computer was like before a session could not be kept', error)
    }
  }

  /** The session is over and its processes are ended: compares, in the background. */
  finish(sessionId: string): void {
    const work = this.#running.get(sessionId) ?? this.#finish(sessionId)
    this.#running.set(sessionId, work)
    void work.finally(() => this.#running.delete(sessionId))
  }

  /** Rights never went up: there is nothing to compare. */
  async drop(sessionId: string): Promise<void> {
    this.#forget(sessionId)
    await this.#files
      .remove(sessionId)
      .catch((error) => this.#ground.log.error('a look at the computer could not be removed', error))
  }

  /** Compares what an earlier run, or a full disk, has left. */
  async check(): Promise<void> {
    const { sessions } = this.#ground.keeper.state
    const live = new Set(sessions.flatMap(({ sessionId, phase }) => (phase === 'abandoned' ? [] : sessionId)))
    const left = new Set([...(await this.#kept()), ...this.#found.keys()])
    for (const sessionId of left) if (!live.has(sessionId)) this.finish(sessionId)
  }

  async #kept(): Promise<readonly string[]> {
    return this.#files.sessions().catch((error) => {
      this.#ground.log.error('earlier looks at the computer cannot be listed', error)
      return []
    })
  }

  async #finish(sessionId: string): Promise<void> {
    try {
      const before = this.#before.get(sessionId) ?? (await this.#files.read(sessionId, 'settings'))
      const isOld = !this.#before.has(sessionId)
      if (before !== null && !(isOld && (await this.#isWritten(before)))) await this.#report(before)
      this.#forget(sessionId)
      await this.#files.remove(sessionId)
    } catch (error) {
      this.#ground.log.error('what a session changed could not be written yet', error)
    }
  }

  async #report(before: Before): Promise<void> {
    const { keeper } = this.#ground
    const { sessionId } = before
    const comparison = await this.#compare(before)
    this.#found.set(sessionId, comparison)
    const undone = new Map<Change, Undone>()
    const wanted = comparison.changes.filter((change) => before.undo.includes(kindOf(change)))
    // What is put back cannot be found again after a crash.
    if (wanted.length > 0) await this.#files.write(sessionId, 'found', comparison)
    for (const change of wanted) undone.set(change, await this.#undo(sessionId, change))
    const body = changedBody(sessionId, comparison, (change) => undone.get(change) ?? 'not-asked')
    await keeper.write({}, [{ type: 'system.changed', body }])
  }

  async #compare(before: Before): Promise<Comparison> {
    const { sessionId, sinceWallMs } = before
    const found = this.#found.get(sessionId) ?? (await this.#files.read(sessionId, 'found'))
    if (found !== null) return found
    const { os, clock } = this.#ground
    const order = { copies: [], sessions: [sessionId, ...this.#sessionIds()], sinceWallMs }
    const walk = (await this.#walks.get(sessionId)) ?? (await this.#keptWalk(sessionId))
    const now = await os.snapshot({ part: 'settings', ...order })
    const [first, second] =
      clock.now().bootId === before.bootId ? [before.settings, now] : rebooted(before, now)
    const programs = await os.snapshot({ part: 'programs', ...order })
    const parts = [
      changesBetween(first, second, { sinceWallMs, untilWallMs: 0 }),
      changesBetween(walk.programs, programs, { sinceWallMs, untilWallMs: walk.untilWallMs }),
    ]
    return {
      changes: parts.flatMap(({ changes }) => changes),
      unread: [...new Set(parts.flatMap(({ unread }) => unread))],
    }
  }

  async #keptWalk(sessionId: string): Promise<WalkBefore> {
    const why = 'The agent stopped before it had seen all programs; only those changed since are listed.'
    return (await this.#files.read(sessionId, 'walk')) ?? { programs: unseen(why), untilWallMs: 0 }
  }

  async #walk(sessionId: string): Promise<WalkBefore> {
    const { os, clock, log } = this.#ground
    const order = { part: 'programs', copies: [], sessions: [], sinceWallMs: null } as const
    const programs = await os.snapshot(order)
    const walk = { programs, untilWallMs: clock.now().wallMs }
    await this.#files
      .write(sessionId, 'walk', walk)
      .catch((error) => log.error('the programs before a session could not be kept', error))
    return walk
  }

  async #undo(sessionId: string, difference: Change): Promise<Undone> {
    const { os, log, stateDir } = this.#ground
    if (!difference.sure) return 'failed'
    try {
      const quarantine = `${stateDir}/quarantine/${sessionId}`
      return (await os.restore({ difference, quarantine })) ? 'undone' : 'failed'
    } catch (error) {
      log.error('a change could not be put back', error)
      return 'failed'
    }
  }

  async #isWritten({ sessionId, journalFrom }: Before): Promise<boolean> {
    const { journal } = this.#ground.keeper
    for (let from = journalFrom; from < journal.size; ) {
      const entries = await journal.read(from, 500)
      for (const { header, body } of entries) {
        const fact = { type: (JSON.parse(header) as { type: string }).type, body } as Fact
        if (fact.type === 'system.changed' && fact.body.sessionId === sessionId) return true
      }
      from += entries.length
    }
    return false
  }

  #sessionIds(): readonly string[] {
    return this.#ground.keeper.state.sessions.map(({ sessionId }) => sessionId)
  }

  #forget(sessionId: string): void {
    for (const map of [this.#before, this.#walks, this.#found]) map.delete(sessionId)
  }
}

function unseen(why: string): SystemSnapshot {
  const unread = (['set-uid', 'file-capability'] as const).map((kind) => ({ kind, why }))
  return { items: [], unread }
}

/** Modules come and go with a start of the computer. */
function rebooted({ settings }: Before, now: SystemSnapshot): readonly [SystemSnapshot, SystemSnapshot] {
  const why = 'Kernel modules were not compared: the computer has started again.'
  const without = ({ items }: SystemSnapshot) => items.filter(({ kind }) => kind !== 'kernel-module')
  const unread = [...now.unread, { kind: 'kernel-module', why } as const]
  return [
    { ...settings, items: without(settings) },
    { items: without(now), unread },
  ]
}
