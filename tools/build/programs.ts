/**
 * Puts the code of each program that runs on every computer into one file without types, `apps/NAME/dist/main.js`, so
 * that it starts sooner and holds less memory than from its sources (docs/benchmarks.md, `footprint`). What counts is
 * content, not time. `node tools/build/programs.ts [agent] [courier]`, both unless told.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { root, sourceHash } from './source-hash.ts'

const programs = ['agent', 'courier'] as const
type Program = (typeof programs)[number]

function hashOf(program: Program): string {
  const tool = ['package-lock.json', 'tools/build/programs.ts', 'tools/build/source-hash.ts']
  const own = [`apps/${program}/src/**/*`, `apps/${program}/package.json`]
  return sourceHash(['packages/*/src/**/*', 'packages/*/package.json', ...tool, ...own])
}

/** Of what a `dist` was made. Beside it, so that a copy of the folder stays whole. */
const stampOf = (program: Program): string => join(root, 'apps', program, 'dist/sources.sha256')

function isStale(program: Program): boolean {
  const stamp = stampOf(program)
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hashOf(program)
}

/** Threads are files of their own; a program names them as `new URL('./NAME.ts', import.meta.url)`. */
const threadFile = /new URL\('(\.\/[\w/-]+)\.ts', import\.meta\.url\)/g

/** Lets the program start its threads from its own folder, and hands every thread's source to `found`. */
function threads(found: (name: string, source: string) => void): Plugin {
  return {
    name: 'threads',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const contents = text.replace(threadFile, (_, relative: string) => {
          const source = resolve(dirname(path), `${relative}.ts`)
          const name = `${basename(resolve(dirname(source), '..'))}-${basename(dirname(source))}-${basename(relative)}`
          found(name, source)
          return `new URL('./${name}.js', import.meta.url)`
        })
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** Native code and what it comes with stay packages of their own. */
const external = ['koffi']

async function bundle(source: string, target: string, plugins: readonly Plugin[]): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external,
    plugins: [...plugins],
    logLevel: 'error',
  })
  const fresh = `${target}.${process.pid}.new`
  writeFileSync(fresh, outputFiles[0]?.contents ?? '')
  renameSync(fresh, target)
}

async function buildProgram(program: Program): Promise<void> {
  const hash = hashOf(program)
  const [src, dist] = ['src', 'dist'].map((folder) => join(root, 'apps', program, folder)) as [string, string]
  mkdirSync(dist, { recursive: true })
  const sources = new Map<string, string>()
  await bundle(join(src, 'main.ts'), join(dist, 'main.js'), [
    threads((name, source) => void sources.set(name, source)),
  ])
  for (const [name, source] of sources) await bundle(source, join(dist, `${name}.js`), [])
  writeFileSync(stampOf(program), hash)
}

/** Builds the programs that need it. Throws when a build fails, with what the bundler said. */
export async function buildPrograms(wanted: readonly Program[] = programs): Promise<void> {
  for (const program of wanted.filter(isStale)) await buildProgram(program)
}

if (import.meta.main) {
  const asked = process.argv.slice(2)
  const unknown = asked.find((name) => !programs.some((program) => program === name))
  if (unknown !== undefined) {
    console.error(`There is no such program: ${unknown}. Known: ${programs.join(', ')}.`)
    process.exitCode = 2
  } else {
    await buildPrograms(asked.length === 0 ? programs : programs.filter((name) => asked.includes(name)))
  }
}
