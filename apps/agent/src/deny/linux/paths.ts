import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Null when there is nothing at this path. */
export async function realPath(path: string): Promise<string | null> {
  return realpath(path).catch(() => null)
}

/** The name itself may be a link, or not exist; links in the folders above it are resolved as far as they exist. */
export async function realPathOfFolder(path: string): Promise<string> {
  const folder = dirname(path)
  const name = path.slice(path.lastIndexOf('/'))
  if (folder === '/') return name
  const real = await realPath(folder)
  return `${real ?? (await realPathOfFolder(folder))}${name}`.replace(/^\/\//, '/')
}

/** The deepest folder that a glob names without a wildcard. */
export function globFolder(glob: string): string {
  const before = glob.slice(0, glob.indexOf('*'))
  return before.slice(0, before.lastIndexOf('/')) || '/'
}
