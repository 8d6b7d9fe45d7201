import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'

export interface Import {
  readonly specifier: string
  /** `import type`: gone at run time. */
  readonly typeOnly: boolean
  readonly line: number
}

export interface Source {
  /** From the tree's root, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

const statement = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"\n]+)['"]/gm
const dynamic = /\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g

export function importsOf(text: string): Import[] {
  const line = (index: number) => text.slice(0, index).split('\n').length
  const found: Import[] = []
  for (const match of text.matchAll(statement))
    found.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined, line: line(match.index) })
  for (const match of text.matchAll(dynamic))
    found.push({ specifier: match[1] ?? '', typeOnly: false, line: line(match.index) })
  return found
}

export function readTree(root: string): Source[] {
  return globSync('{packages,apps,tools,tests}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, imports: importsOf(text) }
    })
}

/** Where a relative import points, from the tree's root; null for a package or a built-in. */
export function target(source: Source, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  return normalize(join(dirname(source.path), specifier))
    .split(sep)
    .join('/')
}

/** `packages/code`, `apps/agent`, or null for tools and tests. */
export function workspaceOf(path: string): string | null {
  return /^(?:packages|apps)\/[^/]+/.exec(path)?.[0] ?? null
}

export function isTest(path: string): boolean {
  return (
    /\.(?:test|property|contract|fuzz)\.tsx?$/.test(path) ||
    /\/test\//.test(path) ||
    path.startsWith('tests/')
  )
}

export function isFake(path: string): boolean {
  return /\/fake\//.test(path) || /\.fake\.ts$/.test(path) || /\/fake-[^/]+(?:\/|\.ts$)/.test(path)
}
