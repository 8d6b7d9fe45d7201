import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real command, running. `ended` resolves when it is over. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves with everything so far once stdout or stderr holds `text`; fails when it ends without. */
  said(text: string | RegExp): Promise<string>
}

export function startStint(
  args: readonly string[],
  environment: Record<string, string> = {},
  timeoutMs = 20_000,
): Running {
  // Whatever waits for something that never comes is ended, and its test fails on what it said.
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  let heard = () => {}
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    heard()
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
    heard()
  })
  const ended = new Promise<Ran>((resolve) =>
    child.on('close', (code) => {
      heard()
      resolve({ code, stdout, stderr })
    }),
  )
  const said = (text: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const all = stdout + stderr
        if (typeof text === 'string' ? all.includes(text) : text.test(all)) resolve(all)
        else if (child.exitCode !== null) reject(new Error(`ended without saying ${text}: ${all}`))
      }
      heard = look
      look()
      ended.then(look)
    })
  return { child, ended, said }
}

export function stint(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  return startStint(args, environment).ended
}
