import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '../../tools/verify')
export const verifiers: readonly (readonly string[])[] = [
  [process.execPath, join(here, 'verify.ts')],
  ['/usr/bin/python3', join(here, 'verify.py')],
]

export interface Said {
  readonly code: number | null
  readonly findings: readonly string[]
  readonly notMade: readonly string[]
  readonly sessions: readonly string[]
  readonly notSealed: readonly string[]
  readonly last: string
  readonly text: string
  readonly errors: string
}

/** What a verifier says of a file. */
export function said(command: readonly string[], path: string, args: readonly string[]): Said {
  const [program = '', ...first] = command
  const { status, stdout, stderr } = spawnSync(program, [...first, path, ...args], { encoding: 'utf8' })
  const all = stdout.trimEnd().split('\n')
  const some = (form: RegExp) => all.filter((line) => form.test(line))
  return {
    code: status,
    findings: some(/^E\d /).sort(),
    notMade: some(/^not made: /).sort(),
    sessions: some(/^session /),
    notSealed: some(/^not sealed: /),
    last: all.at(-1) ?? '',
    text: stdout,
    errors: stderr,
  }
}

/** Both verifiers over the same bytes. */
export function both(folder: string, zip: Uint8Array, args: readonly string[]): Said[] {
  const path = join(folder, 'bundle.zip')
  writeFileSync(path, zip)
  return verifiers.map((command) => said(command, path, args))
}
