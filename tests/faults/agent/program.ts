import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const from = (path: string) => new URL(path, import.meta.url).pathname

let program: Promise<string> | null = null

/**
 * The agent's process for these tests, in one file as a release has it: hundreds are started, and one file starts
 * four times as fast as its parts. Made once; gone with this process.
 */
export function agentProgram(): Promise<string> {
  program ??= bundled()
  return program
}

async function bundled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-agent-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'src', 'agent.mjs')
  await build({
    entryPoints: [from('./main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  copyFileSync(from('../../../apps/agent/package.json'), join(folder, 'package.json'))
  return outfile
}
