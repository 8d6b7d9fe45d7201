import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { type Attempt, failed } from '../ending.ts'
import { createLines } from './child-log.ts'

/** Builds the web faces where they are older than their sources. A packaged installation has them built already. */
export async function buildFaces(
  { node, home }: Pick<Config, 'node' | 'home'>,
  say: (line: string) => void,
): Promise<Attempt<null>> {
  const tool = join(home, 'tools', 'build', 'faces.ts')
  if (!existsSync(tool)) return { ok: true, value: null }
  const child = spawn(node, [tool], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', createLines(say))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  if (code === 0) return { ok: true, value: null }
  return failed('fault', {
    code: 'faces-not-built',
    message: 'The web pages could not be built.',
    hint: 'The lines above say why. Run `npm ci`, then try again.',
  })
}
