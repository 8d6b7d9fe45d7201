import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileRules, importRules } from './rules.ts'
import { isTest, readTree, type Source, workspaceOf } from './source.ts'

/** Every breach of the import rules below `root`, as `path:line: what is wrong`. Empty when all is well. */
export function checkArchitecture(root: string): string[] {
  const declared = declarations(root)
  return readTree(root).flatMap((source) => [
    ...fileRules.flatMap((rule) => breach(source, 1, rule(source))),
    ...source.imports.flatMap((imported) =>
      [
        ...importRules.map((rule) => rule(source, imported)),
        undeclared(source, imported.specifier, declared),
      ].flatMap((problem) =>
        breach(source, imported.line, problem === null ? null : `'${imported.specifier}': ${problem}`),
      ),
    ),
  ])
}

function breach(source: Source, line: number, problem: string | null): string[] {
  return problem === null ? [] : [`${source.path}:${line}: ${problem}`]
}

type Declarations = (workspace: string) => ReadonlySet<string>

function declarations(root: string): Declarations {
  const read = new Map<string, ReadonlySet<string>>()
  return (workspace) => {
    const known = read.get(workspace)
    if (known !== undefined) return known
    const manifest: Record<string, Record<string, string>> = JSON.parse(
      readFileSync(join(root, workspace, 'package.json'), 'utf8'),
    )
    const names = new Set(
      ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((kind) =>
        Object.keys(manifest[kind] ?? {}),
      ),
    )
    read.set(workspace, names)
    return names
  }
}

/** Node finds any package that some other room declared; we do not. Tests may also use what the root declares. */
function undeclared(source: Source, specifier: string, declared: Declarations): string | null {
  const workspace = workspaceOf(source.path)
  if (specifier.startsWith('.') || isBuiltin(specifier) || workspace === null) return null
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  if (declared(workspace).has(name) || name === `@stint/${workspace.split('/')[1]}`) return null
  if ((isTest(source.path) || source.path.endsWith('vite.config.ts')) && declared('.').has(name)) return null
  return `not declared in ${workspace}/package.json`
}

if (import.meta.main) {
  const problems = checkArchitecture(process.argv[2] ?? process.cwd())
  for (const problem of problems) console.error(problem)
  console.error(
    problems.length === 0 ? 'architecture: nothing wrong' : `architecture: ${problems.length} wrong`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}
