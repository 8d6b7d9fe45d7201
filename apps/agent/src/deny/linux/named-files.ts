import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { isGlob, matchesGlob, type ProgramRule } from '@stint/elevation'
import { fileDigest } from './file-digest.ts'
import type { NamedFile } from './guard-protocol.ts'
import { globFolder, realPath } from './paths.ts'

/** A rule may name half of the disk; what is beyond these bounds is denied all the same, but known by its path only. */
const mostEntriesLookedAt = 20_000
const mostFiles = 1_000
const mostBytesRead = 512 << 20
const notWalked = new Set(['/proc', '/sys', '/dev'])
const anyExecuteBit = 0o111

interface Budget {
  entries: number
  bytes: number
}

/** The files that deny rules name now, by path, wildcard or package, with their content's digest. */
export async function namedFiles(
  rules: readonly ProgramRule[],
  packages: ReadonlyMap<string, readonly string[]>,
): Promise<readonly NamedFile[]> {
  const budget: Budget = { entries: mostEntriesLookedAt, bytes: mostBytesRead }
  const found: NamedFile[] = []
  for (const rule of rules.filter(({ effect }) => effect === 'deny')) {
    const kind = rule.match.path === undefined ? 'package' : isGlob(rule.match.path) ? 'wildcard' : 'path'
    for (const at of await pathsOf(rule, packages, budget)) await add(found, at, budget, kind)
  }
  return found
}

async function pathsOf(
  { match: { path, package: installedBy } }: ProgramRule,
  packages: ReadonlyMap<string, readonly string[]>,
  budget: Budget,
): Promise<readonly string[]> {
  if (path !== undefined) return isGlob(path) ? matching(path, budget) : [path]
  return packages.get(installedBy ?? '') ?? []
}

type NamedBy = 'path' | 'package' | 'wildcard'

/**
 * A path means its file, whatever the mode; the others mean programs. What a wildcard finds may have been put there by
 * anybody: a copy of the system's shell in it must not deny the shell, so its content counts for nothing.
 */
async function add(found: NamedFile[], asPath: string, budget: Budget, by: NamedBy): Promise<void> {
  if (found.length >= mostFiles) return
  const file = await realPath(asPath)
  const stats = file === null ? null : await stat(file).catch(() => null)
  if (file === null || !stats?.isFile()) return
  if (by !== 'path' && (stats.mode & anyExecuteBit) === 0) return
  // The empty file has the content of every empty file.
  const isRead = by !== 'wildcard' && stats.size > 0 && stats.size <= budget.bytes
  if (isRead) budget.bytes -= stats.size
  const sha256 = isRead ? await fileDigest(file).catch(() => null) : null
  found.push({ file, asPath, size: stats.size, sha256 })
}

async function matching(glob: string, budget: Budget): Promise<readonly string[]> {
  const found: string[] = []
  const folder = globFolder(glob)
  const depth = glob.includes('**')
    ? Number.POSITIVE_INFINITY
    : glob.split('/').length - folder.split('/').length
  await walk(folder === '/' ? '' : folder, depth, budget, (path) => {
    if (matchesGlob(glob, path)) found.push(path)
  })
  return found
}

/** Passes over links: what they lead to lies elsewhere, and may be anybody's. */
async function walk(
  folder: string,
  depth: number,
  budget: Budget,
  see: (path: string) => void,
): Promise<void> {
  const entries: Dirent[] = await readdir(folder || '/', { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (budget.entries-- <= 0) return
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (depth > 1 && !notWalked.has(path)) await walk(path, depth - 1, budget, see)
    } else if (entry.isFile()) see(path)
  }
}
