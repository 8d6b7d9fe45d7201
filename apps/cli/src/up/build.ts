import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { type Attempt, failed } from '../ending.ts'
import { createLines } from './child-log.ts'

type Place = Pick<Config, 'node' | 'home'>
type Say = (line: string) => void

/** Builds the web faces where they are older than their sources. Fault `faces-not-built`. */
export function buildFaces(place: Place, say: Say): Promise<Attempt<null>> {
  return build(place, 'faces', say, { code: 'faces-not-built', message: 'The web pages could not be built.' })
}

/** The same for the two programs that run on every computer. Fault `programs-not-built`. */
export function buildPrograms(place: Place, say: Say): Promise<Attempt<null>> {
  const message = 'The programs of this computer could not be built.'
  return build(place, 'programs', say, { code: 'programs-not-built', message })
}

/** A packaged installation has everything built already, and no tools. */
async function build(
  { node, home }: Place,
  name: string,
  say: Say,
  failure: { readonly code: string; readonly message: string },
): Promise<Attempt<null>> {
  const tool = join(home, 'tools', 'build', `${name}.ts`)
  if (!existsSync(tool)) return { ok: true, value: null }
  const child = spawn(node, [tool], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', createLines(say))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  if (code === 0) return { ok: true, value: null }
  return failed('fault', { ...failure, hint: 'The lines above say why. Run `npm ci`, then try again.' })
}
