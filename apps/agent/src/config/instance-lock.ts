import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '@stint/elevation'

/** Held until `release` or until the process is gone, however it went: the kernel keeps it. */
export interface InstanceLock {
  release(): void
}

/**
 * Makes sure that no second agent works on a folder. Node has no file lock of its own; the embedded database takes
 * one of the kernel's, which no crash leaves behind and no two starters can both get.
 * @param mode of the folder if it has to be made
 * @throws Fault `already-running`; `unsafe-folder` when others could put files of theirs in the place of ours
 */
export function lockFolder(dir: string, mode = 0o711): InstanceLock {
  mkdirSync(dir, { recursive: true, mode })
  requireOwn(dir)
  const path = join(dir, 'agent.lock')
  // For root only: whoever could read it could hold a lock of his own on it.
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (cause) {
    database.close()
    throw new Fault(
      'already-running',
      `Another agent uses ${dir}`,
      'Stop it first, or choose other folders.',
      { cause },
    )
  }
  return { release: () => database.close() }
}

function requireOwn(dir: string): void {
  const { uid, mode } = statSync(dir)
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return
  throw new Fault(
    'unsafe-folder',
    `Others than root can change ${dir}`,
    'Choose a folder that belongs to root.',
  )
}
