import { broken, type Finding, good, unseen, weak } from './finding.ts'
import type { System } from './system.ts'

export interface FolderReading {
  readonly path: string
  readonly exists: boolean
  readonly isRoot: boolean
  /** Code of the error; null where it can be written. Only root's says something. */
  readonly whyNotWritable: string | null
  readonly freeBytes: number | null
}

export function readFolder(system: System, path: string): FolderReading {
  return {
    path,
    exists: system.exists(path),
    isRoot: system.isRoot,
    whyNotWritable: system.whyNotWritable(path),
    freeBytes: system.freeBytes(path),
  }
}

const tooLittle = 16 * 2 ** 20
const little = 256 * 2 ** 20

export function judgeFolder({ path, exists, isRoot, whyNotWritable, freeBytes }: FolderReading): Finding {
  const means = 'What is about to happen must be written down first: nobody can be raised.'
  if (!exists)
    return isRoot
      ? weak(
          'disk',
          `There is no ${path} yet.`,
          'No agent ran with this folder.',
          'Name the right one with --state DIR.',
        )
      : unseen('disk', `Whether there is room in ${path} was not looked at.`)
  if (isRoot && whyNotWritable !== null) {
    const why = whyNotWritable === 'EROFS' ? 'is read-only' : `cannot be written (${whyNotWritable})`
    return broken('disk', `${path} ${why}.`, means, 'Look at the disk and how it is mounted.')
  }
  if (freeBytes === null) return unseen('disk', `How much room is left in ${path} was not looked at.`)
  const left = `${Math.floor(freeBytes / 2 ** 20)} MB are left where ${path} is.`
  if (freeBytes < tooLittle) return broken('disk', left, means, 'Make space.')
  return freeBytes < little
    ? weak('disk', left, 'A long session may fill it; then it ends and the record has a gap.', 'Make space.')
    : good('disk', left)
}
