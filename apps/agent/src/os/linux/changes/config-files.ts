import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import type { FileCopy } from '../../os.ts'
import { digest, modeText, nameText, type Reading } from './reading.ts'

/** Larger files are no settings; they are compared by size and times. */
const maxReadBytes = 1 << 20
const deepest = 6

/** How the files of one kind are read. */
export interface FileWay {
  /** Come with a copy. */
  readonly copies: boolean
  readonly skip: (path: string) => boolean
  /** What to say about a content instead of its digest. */
  readonly describe?: (content: Buffer) => string
}

/** Every file and link under the path, or the file that it is. Links are never followed: they are things themselves. */
export async function readTree(reading: Reading, path: string, way: FileWay, depth = 0): Promise<void> {
  if (way.skip(path)) return
  try {
    const stats = await lstat(path)
    if (!stats.isDirectory()) return await readOne(reading, path, stats, way)
    if (depth >= deepest) return
    for (const name of (await readdir(path, { encoding: 'buffer' })).sort(Buffer.compare)) {
      const { text, isText } = nameText(name)
      if (isText) await readTree(reading, `${path}/${text}`, way, depth + 1)
      else await readUnnamed(reading, path, name)
    }
  } catch (error) {
    reading.missed(path, error)
  }
}

/** sudo reads such files as any other, and nobody sees their names; what is in a folder of such a name is not read. */
async function readUnnamed(reading: Reading, folder: string, name: Buffer): Promise<void> {
  const stats = await lstat(Buffer.concat([Buffer.from(`${folder}/`), name]))
  const owner = `${modeText(stats.mode)} ${stats.uid}:${stats.gid}`
  const seen = { atMs: stats.ctimeMs, mark: `${stats.ino} ${stats.ctimeMs}` }
  reading.add(`${folder}/${nameText(name).text}`, `its name is not text, ${owner}`, seen)
}

async function readOne(reading: Reading, path: string, stats: Stats, way: FileWay): Promise<void> {
  const atMs = stats.ctimeMs
  const owner = `${modeText(stats.mode)} ${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) {
    const link = await readlink(path)
    const copy: FileCopy = { mode: 0o777, uid: stats.uid, gid: stats.gid, content: null, link }
    return reading.add(path, `link to ${link}`, { atMs, ...(way.copies && { copy }) })
  }
  if (!stats.isFile()) return reading.add(path, `neither file nor link, ${owner}`, { atMs })
  if (stats.size > maxReadBytes)
    return reading.add(path, `${stats.size} bytes, ${owner}`, { atMs, mark: `${stats.ino} ${stats.ctimeMs}` })
  const content = await readContent(path)
  const sum = digest(content)
  const state = `${way.describe?.(content) ?? `sha256 ${sum.slice(0, 16)}`}, ${owner}`
  const copy: FileCopy = {
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    content: content.toString('base64'),
    link: null,
  }
  reading.add(path, state, { atMs, mark: `${sum} ${owner}`, ...(way.copies && { copy }) })
}

/** People own some of the folders: what was a file a moment ago may be a link or a pipe now. */
async function readContent(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    const content = Buffer.alloc(stats.isFile() ? Math.min(stats.size, maxReadBytes) : 0)
    const { bytesRead } = await file.read(content, 0, content.length, 0)
    return content.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Type, fingerprint and comment of every key, and whether it comes with options, which can hold a command. */
export function describeKeys(content: Buffer): string {
  const keys = content
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /(^|.*\s)((?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s+(.*))?$/.exec(
        line.trim(),
      )
      if (!found || line.trimStart().startsWith('#')) return []
      const [, options = '', type = '', key = '', comment = ''] = found
      const sum = Buffer.from(digest(Buffer.from(key, 'base64')), 'hex')
        .toString('base64')
        .replace(/=+$/, '')
      return [`${type} SHA256:${sum}${comment && ` ${comment}`}${options.trim() && ' (with options)'}`]
    })
  return keys.length === 0 ? 'no keys' : keys.join('; ')
}
