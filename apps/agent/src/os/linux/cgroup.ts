import { existsSync, readFileSync, rmdirSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { OsError } from '../os.ts'

/** Where the unified hierarchy is mounted: `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` beside the old one. */
export function unifiedMount(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ')
    if (after?.startsWith('cgroup2 ')) return before?.split(' ')[4] ?? null
  }
  return null
}

/**
 * Folder under which sessions get their groups.
 * @throws OsError `cgroup-unsupported`
 */
export function findGroupRoot(name: string): string {
  const mount = unifiedMount(readFileSync('/proc/self/mountinfo', 'utf8'))
  if (mount === null) {
    const hint =
      'Mount cgroup2 (systemd does when the kernel is started with systemd.unified_cgroup_hierarchy=1).'
    throw new OsError('cgroup-unsupported', 'This computer has no unified process groups (cgroup v2).', hint)
  }
  return `${mount}/${name}`
}

export function groupOf(root: string, sessionId: string): string {
  return `${root}/${sessionId}`
}

/** @throws OsError `cgroup-unsupported` when the kernel cannot end a group at once (before 5.14) */
export async function makeGroup(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  if (existsSync(`${path}/cgroup.kill`)) return
  const hint = 'Use Linux 5.14 or newer.'
  throw new OsError('cgroup-unsupported', 'This kernel cannot end all processes of a session at once.', hint)
}

/** Process ids in the group and all groups below it. Empty when the group is gone. */
export async function groupMembers(path: string): Promise<readonly number[]> {
  const own = await readFile(`${path}/cgroup.procs`, 'utf8').catch(() => '')
  const pids = own.split('\n').filter(Boolean).map(Number)
  for (const child of await childGroups(path)) pids.push(...(await groupMembers(child)))
  return pids
}

export async function isPopulated(path: string): Promise<boolean> {
  const events = await readFile(`${path}/cgroup.events`, 'utf8').catch(() => '')
  return /^populated 1$/m.test(events)
}

/**
 * Stops the whole group first so that nothing can fork away, then ends it. Frozen processes can be killed.
 * A group that is gone is already what was asked for.
 */
export async function killGroup(path: string): Promise<void> {
  await writeFile(`${path}/cgroup.freeze`, '1').catch(ignoreMissing)
  await writeFile(`${path}/cgroup.kill`, '1').catch(ignoreMissing)
}

/** Answers false when a process joined meanwhile (the group is busy): look again. */
export async function removeGroup(path: string): Promise<boolean> {
  for (const child of await childGroups(path)) if (!(await removeGroup(child))) return false
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return true
    if (code === 'EBUSY') return false
    throw error
  }
}

export async function childGroups(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${path}/${entry.name}`)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'ENODEV') throw error
}
