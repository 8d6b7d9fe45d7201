import { createWriteStream } from 'node:fs'
import { mkdir, realpath, rename, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { NotSent, type ReportFolder } from './means.ts'

/**
 * Writes beneath `root` and nowhere else: parts of a path that lead up or out, also by a link, are refused. A file is
 * there with all of its content or not at all.
 */
export function createReportFolder(root: string): ReportFolder {
  return {
    async write(path, name, content) {
      const folder = await folderBeneath(root, path)
      const file = join(folder, name)
      const half = `${file}.part`
      try {
        await rm(half, { force: true })
        await pipeline(content, createWriteStream(half, { mode: 0o640, flags: 'wx', flush: true }))
        await rename(half, file)
      } catch (error) {
        await rm(half, { force: true })
        throw new NotSent(`The file could not be written (${codeOf(error)}).`, false)
      }
    },
  }
}

async function folderBeneath(root: string, path: string): Promise<string> {
  const parts = path === '' ? [] : path.split('/')
  if (!parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part))) throw outside()
  let folder = await made(root)
  for (const part of parts) {
    const below = await made(join(folder, part))
    if (!below.startsWith(`${folder}${sep}`)) throw outside()
    folder = below
  }
  return folder
}

async function made(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 })
    return await realpath(folder)
  } catch (error) {
    throw new NotSent(`The folder could not be made (${codeOf(error)}).`, false)
  }
}

const outside = () => new NotSent('The path leads out of the folder for reports.', false)

/** Not the whole message: it names places of the server. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
