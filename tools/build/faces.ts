/**
 * Builds the web faces whose `dist` does not belong to the sources any more. What counts is content, not time: a copy,
 * a checkout or a clock changes nothing. `node tools/build/faces.ts [console] [desktop]`, both unless told.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, sourceHash } from './source-hash.ts'

const faces = ['console', 'desktop'] as const
type Face = (typeof faces)[number]

/** Sources that a face is made from, besides its own folder. */
const shared = [
  'packages/*/src/**/*',
  'packages/*/package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'tools/build/faces.ts',
  'tools/build/source-hash.ts',
]

/** Over everything that goes into a face. */
export function hashOf(face: Face): string {
  const own = ['src/**/*', 'public/**/*', 'index.html', 'vite.config.ts', 'package.json']
  return sourceHash([...shared, ...own.map((pattern) => `apps/${face}/${pattern}`)])
}

/** Where the hash of the sources that a `dist` was made from is kept; outside of what is served. */
function stampOf(face: Face): string {
  return join(root, '.cache/faces', face)
}

export function isStale(face: Face): boolean {
  const stamp = stampOf(face)
  const isBuilt = existsSync(stamp) && existsSync(join(root, 'apps', face, 'dist/index.html'))
  return !isBuilt || readFileSync(stamp, 'utf8') !== hashOf(face)
}

/** Builds the faces that need it, one after the other. Throws when a build fails, with what Vite said. */
export async function buildFaces(
  wanted: readonly Face[] = faces,
  say: (line: string) => void = console.error,
) {
  const known = wanted.filter((face) => existsSync(join(root, 'apps', face, 'vite.config.ts')))
  for (const face of known.filter(isStale)) {
    const hash = hashOf(face)
    say(`Building the ${face} page, once; this takes a few seconds.`)
    await runVite(face)
    mkdirSync(join(root, '.cache/faces'), { recursive: true })
    writeFileSync(stampOf(face), hash)
  }
}

function runVite(face: Face): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'apps', face),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  build.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  build.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  return new Promise((resolve, reject) => {
    build.on('error', reject)
    build.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`The ${face} page could not be built.\n${Buffer.concat(said)}`))
    })
  })
}

if (import.meta.main) {
  const asked = process.argv.slice(2)
  const unknown = asked.find((name) => !faces.some((face) => face === name))
  if (unknown !== undefined) {
    console.error(`There is no face called ${unknown}. Known: ${faces.join(', ')}.`)
    process.exitCode = 2
  } else {
    await buildFaces(asked.length === 0 ? faces : faces.filter((face) => asked.includes(face)))
  }
}
