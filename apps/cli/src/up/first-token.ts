import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { type Attempt, failed } from '../ending.ts'
import { createLines } from './child-log.ts'

/**
 * The owner's API token of the first start. It serves to enrol this computer, lies in the data folder for its owner
 * only until that is done, and is revoked and removed then.
 */
export interface FirstToken {
  /** A token that enrols one computer within the next quarter of an hour. */
  enrolmentToken(): Promise<Attempt<string>>
  /** Waits until a computer is enrolled, then revokes and removes this. False: not within `withinMs`. */
  retire(withinMs: number): Promise<boolean>
}

interface Place {
  readonly data: string
  /** `http://HOST:PORT` of the server. */
  readonly url: string
  readonly clock: Clock
}

/** What the server calls the token that it makes with its owner. */
const tokenName = 'first token'
const fileIn = (data: string) => join(data, 'first-token')

/** Before the server's first start: makes the owner and keeps the token. Later ones do nothing. */
export async function makeFirstToken(data: string, init: readonly string[]): Promise<Attempt<null>> {
  if (existsSync(join(data, 'server', 'stint.db'))) return { ok: true, value: null }
  const { code, stdout, stderr } = await runToEnd(init)
  const { token }: { token?: unknown } = stdout.startsWith('{') ? JSON.parse(stdout) : {}
  if (code !== 0 || typeof token !== 'string')
    return failed('fault', {
      code: 'server-not-initialised',
      message: `The server could not be set up: ${stderr.trim().split('\n')[0] ?? `it ended with ${code}`}`,
      hint: `Look at ${data}, or start with an empty folder: --data DIR.`,
    })
  writeFileSync(fileIn(data), token, { mode: 0o600, flag: 'wx' })
  return { ok: true, value: null }
}

/** Null when the computer of this data folder was enrolled before, or when there never was a token. */
export function firstToken({ data, url, clock }: Place): FirstToken | null {
  if (!existsSync(fileIn(data))) return null
  const secret = readFileSync(fileIn(data), 'utf8')
  const call: ApiCall = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }
  return {
    enrolmentToken: async () => {
      const { token, title } = await call('POST', '/enrollment-tokens', { minutes: 15, uses: 1 })
      if (typeof token === 'string') return { ok: true, value: token }
      return failed('fault', {
        code: 'not-enrolled',
        message: `This computer could not be enrolled: ${String(title)}`,
        hint: 'Enrol it in the console under Computers.',
      })
    },
    retire: async (withinMs) => {
      const until = clock.now() + withinMs
      while ((await itemsAt(call, '/devices?limit=1')).length === 0) {
        if (clock.now() >= until) return false
        await clock.wait(300)
      }
      for (const { name, id } of await itemsAt(call, '/tokens'))
        if (name === tokenName) await call('DELETE', `/tokens/${id}`)
      rmSync(fileIn(data), { force: true })
      return true
    },
  }
}

type ApiCall = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>

async function itemsAt(call: ApiCall, path: string): Promise<readonly Record<string, unknown>[]> {
  const { items } = await call('GET', path)
  return Array.isArray(items) ? items : []
}

function runToEnd([program = '', ...args]: readonly string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr]: [string[], string[]] = [[], []]
  child.stdout.on(
    'data',
    createLines((line) => stdout.push(line)),
  )
  child.stderr.on(
    'data',
    createLines((line) => stderr.push(line)),
  )
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, stdout: '', stderr: error.message }))
    child.once('close', (code) => resolve({ code, stdout: stdout.join('\n'), stderr: stderr.join('\n') }))
  })
}
