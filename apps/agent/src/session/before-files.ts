import { join } from 'node:path'
import type { ChangeKind } from '@stint/elevation'
import type { Disk } from '../config/disk.ts'
import type { SystemSnapshot } from '../os/os.ts'
import type { Comparison } from './changes.ts'

/** What the computer was like before a session, as far as it is read before the rights go up. */
export interface Before {
  readonly v: 1
  readonly sessionId: string
  /** Journal entries before the session. */
  readonly journalFrom: number
  readonly bootId: string
  /** The look began at this time of the wall clock. */
  readonly sinceWallMs: number
  /** Kinds that are put back. */
  readonly undo: readonly ChangeKind[]
  readonly settings: SystemSnapshot
}

/** The walk over the file systems, which goes on while the session is up. */
export interface WalkBefore {
  readonly programs: SystemSnapshot
  /** When it ended, on the wall clock. */
  readonly untilWallMs: number
}

/** In the order in which they are written. `walk` comes while the session is up already. */
interface Parts {
  readonly settings: Before
  readonly walk: WalkBefore
  /** What was found at the end, before anything of it is put back. */
  readonly found: Comparison
}

const parts = ['found', 'walk', 'settings'] as const satisfies readonly (keyof Parts)[]

/** What outlasts a crash in the middle of a session: root-only files, gone when the comparison is in the journal. */
export class BeforeFiles {
  readonly #disk: Disk
  readonly #dir: string

  constructor(disk: Disk, dir: string) {
    this.#disk = disk
    this.#dir = dir
  }

  /** @throws Fault of the disk */
  async write<P extends keyof Parts>(sessionId: string, part: P, content: Parts[P]): Promise<void> {
    await this.#disk.makeDir(this.#dir)
    await this.#disk.replace(this.#path(sessionId, part), Buffer.from(JSON.stringify(content)))
  }

  /** Null when there is none. A broken file is as good as none. @throws Fault of the disk */
  async read<P extends keyof Parts>(sessionId: string, part: P): Promise<Parts[P] | null> {
    const content = await this.#disk.read(this.#path(sessionId, part))
    try {
      return content && (JSON.parse(Buffer.from(content).toString('utf8')) as Parts[P])
    } catch {
      return null
    }
  }

  /** Sessions that are not compared yet. @throws Fault of the disk */
  async sessions(): Promise<readonly string[]> {
    const names = await this.#disk.list(this.#dir)
    return [...new Set(names.flatMap((name) => /^([0-9a-f-]{36})\.[a-z]+\.json$/.exec(name)?.[1] ?? []))]
  }

  /** The first look last: as long as it is there, the session is not compared. @throws Fault of the disk */
  async remove(sessionId: string): Promise<void> {
    for (const part of parts) await this.#disk.remove(this.#path(sessionId, part))
  }

  #path(sessionId: string, part: keyof Parts): string {
    return join(this.#dir, `${sessionId}.${part}.json`)
  }
}
