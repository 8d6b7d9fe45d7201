import { execFile } from 'node:child_process'
import { OsError } from '../os.ts'

export interface CommandResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a system program by name and answers how it ended. */
export type Run = (program: string, args: readonly string[]) => Promise<CommandResult>

const timeoutMs = 5_000
const maxOutputBytes = 16 << 20

/** Only root-owned folders: a program found through somebody else's PATH would run as root. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * Runs a system program without a shell and without our environment; ended after 5 s.
 * @throws OsError `command-failed` when it could not be run or did not end by itself
 */
export const runCommand: Run = (program, args) =>
  new Promise((resolve, reject) => {
    const options = {
      env: environment,
      cwd: '/',
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      killSignal: 'SIGKILL',
    } as const
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      const status = error === null ? 0 : error.code
      if (typeof status === 'number') return resolve({ status, stdout, stderr })
      const hint = `Run "${[program, ...args].join(' ')}" as root to see why.`
      reject(new OsError('command-failed', `The system program ${program} did not answer.`, hint, error))
    })
    child.stdin?.end()
  })
