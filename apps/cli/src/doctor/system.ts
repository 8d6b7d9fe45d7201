import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync, statfsSync } from 'node:fs'

/** This computer as the checks look at it: nothing here changes anything. */
export interface System {
  readonly isRoot: boolean
  /** Null when there is no such file, or when this account may not read it. */
  text(path: string): string | null
  exists(path: string): boolean
  /** Whether root could write there; the error's code where not, such as `EROFS`. Asks for this account. */
  whyNotWritable(path: string): string | null
  /** Bytes that are free for this account; null when nothing tells. */
  freeBytes(path: string): number | null
  /** How a program ended and what it said on both outputs; null when there is none. Given up after 5 seconds. */
  run(program: string, args: readonly string[], cwd?: string): Promise<Said | null>
}

export interface Said {
  readonly status: number
  readonly text: string
}

const withinMs = 5_000

/** @param programDirs where programs are looked for */
export function thisSystem(uid: number | null, programDirs: readonly string[]): System {
  const env = { PATH: programDirs.join(':'), LC_ALL: 'C', TZ: 'UTC' }
  return {
    isRoot: uid === 0,
    text: (path) => orNull(() => readFileSync(path, 'utf8')),
    exists: (path) => orNull(() => accessSync(path, constants.F_OK)) !== null,
    whyNotWritable: (path) => {
      try {
        accessSync(path, constants.W_OK)
        return null
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? 'unknown'
      }
    },
    freeBytes: (path) =>
      orNull(() => {
        const { bavail, bsize } = statfsSync(path)
        return bavail * bsize
      }),
    run: (program, args, cwd = '/') =>
      new Promise((resolve) => {
        const options = { env, cwd, timeout: withinMs, killSignal: 'SIGKILL' } as const
        execFile(program, [...args], options, (error, stdout, stderr) => {
          const status = error === null ? 0 : error.code
          resolve(typeof status === 'number' ? { status, text: stdout + stderr } : null)
        })
      }),
  }
}

/** What cannot be done gives null; a look that gives nothing by itself gives undefined. */
function orNull<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
