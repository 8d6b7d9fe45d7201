import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, rename, rm, stat, symlink, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { ChangeKind, FileCopy, RestoreOrder, SystemItem } from '../../os.ts'
import { putFile } from '../files.ts'
import type { Run } from '../run.ts'
import { fileCapabilities } from './capabilities.ts'
import { digest } from './reading.ts'
import { readAgain, type SnapshotGround } from './snapshot.ts'

export interface RestoreGround extends SnapshotGround {
  readonly run: Run
}

const fileKinds: ReadonlySet<ChangeKind> = new Set([
  'ssh-key',
  'sudoers',
  'polkit',
  'pam',
  'service',
  'scheduled-job',
])

/**
 * Answers whether a re-read shows that it is as before. What goes wrong on the way shows in that. What is no longer as
 * it was found after the session is somebody else's work by now, and stays.
 */
export async function restore(ground: RestoreGround, order: RestoreOrder): Promise<boolean> {
  const { before, after } = order.difference
  const kind = (before ?? after)?.kind
  try {
    if (kind === 'set-uid' || kind === 'file-capability')
      return before === null && after !== null && (await takePower(after))
    if (kind !== 'administrator' && !(kind && fileKinds.has(kind))) return false
    if (await isNow(ground, order, before)) return true
    if (!(await isNow(ground, order, after))) return false
    if (kind === 'administrator') await takeMembership(ground, before, after)
    else await restoreFile(ground, order)
    return await isNow(ground, order, before)
  } catch {
    return false
  }
}

/** Whether the thing is now as this says; null: that it is not there. */
async function isNow(
  ground: RestoreGround,
  { difference }: RestoreOrder,
  as: SystemItem | null,
): Promise<boolean> {
  const item = difference.before ?? difference.after
  if (item === null) return false
  const { items, unread } = await readAgain(ground, item.kind)
  const now = items.find(({ what }) => what === item.what)
  // A place that cannot be read shows nothing, least of all that something is gone.
  return now === undefined ? as === null && unread.length === 0 : now.mark === as?.mark
}

/** Only what was given is taken; who was taken out of a group was perhaps meant to go. */
async function takeMembership(
  { run }: RestoreGround,
  before: SystemItem | null,
  after: SystemItem | null,
): Promise<void> {
  const [, name, group] = /^(\S+) in (\S+)$/.exec(after?.what ?? '') ?? []
  if (before === null && name && group) await run('gpasswd', ['-d', name, group])
}

async function restoreFile(ground: RestoreGround, { difference, quarantine }: RestoreOrder): Promise<void> {
  const { before, after } = difference
  const path = (before ?? after)?.what ?? ''
  // polkit's own account may own the folder of its rules, where our rules go as well.
  const isOfPolkit = dirname(path) === ground.paths.polkitRules
  if (!(await onlyRootCanMove(isOfPolkit ? dirname(dirname(path)) : dirname(path)))) return
  if (before === null) await moveAway(path, quarantine)
  else if (before.copy) await writeCopy(ground, path, before.copy, before.kind)
  if (path.startsWith('/etc/systemd/') || path.startsWith('/usr/lib/systemd/')) await reloadServices(ground)
}

/** In a folder that somebody else can write, the path could lead elsewhere by the time we write to it. */
async function onlyRootCanMove(dir: string): Promise<boolean> {
  for (let at = dir; ; at = dirname(at)) {
    const stats = await lstat(at)
    const shared = (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0
    if (!stats.isDirectory() || stats.uid !== 0 || shared) return false
    if (at === '/') return true
  }
}

/** Kept, so that nothing is lost that somebody needs; out of the way, so that nothing reads it. */
async function moveAway(path: string, quarantine: string): Promise<void> {
  await mkdir(quarantine, { recursive: true, mode: 0o700 })
  const kept = `${quarantine}/${digest(path).slice(0, 8)}-${basename(path)}`
  await rename(path, kept).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    await copyPlainFile(path, kept)
    await unlink(path)
  })
}

/** What is no file any more by now (a link, a pipe) is nothing to be kept. */
async function copyPlainFile(path: string, kept: string): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => null)
  try {
    if (file && (await file.stat()).isFile())
      await copyFile(`/proc/self/fd/${file.fd}`, kept, constants.COPYFILE_EXCL)
  } finally {
    await file?.close()
  }
}

async function writeCopy(
  { run }: RestoreGround,
  path: string,
  copy: FileCopy,
  kind: ChangeKind,
): Promise<void> {
  if (copy.link !== null) {
    const draft = `${dirname(path)}/.${basename(path)}.${process.pid}.new`
    await rm(draft, { force: true })
    await symlink(copy.link, draft)
    return rename(draft, path)
  }
  const check = async (draft: string): Promise<void> => {
    const checked = kind === 'sudoers' ? await run('visudo', ['-cf', draft]) : { status: 0 }
    if (checked.status !== 0) throw new Error('sudo does not accept what was there before')
  }
  await putFile(path, Buffer.from(copy.content ?? '', 'base64'), copy.mode, check, copy)
}

/** A service manager knows the files only as it has read them. Without one there is nothing to do. */
async function reloadServices({ run }: RestoreGround): Promise<void> {
  const isThere = await stat('/run/systemd/system').catch(() => null)
  if (isThere) await run('systemctl', ['daemon-reload']).catch(() => undefined)
}

/** By the open file, so that nobody can put another one in its place. */
async function takePower({ kind, what, mark }: SystemItem): Promise<boolean> {
  const file = await open(what, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { dev, ino, mode } = await file.stat()
    // The device as the walk writes it: major and minor in one number, as st_dev is.
    if (!mark.includes(` ${dev}:${ino} `)) return false
    if (kind === 'set-uid') {
      await file.chmod(mode & 0o1777)
      return ((await file.stat()).mode & 0o6000) === 0
    }
    const path = `/proc/self/fd/${file.fd}`
    const capabilities = fileCapabilities({ follow: true })
    capabilities.remove(path)
    return capabilities.read(path) === null
  } finally {
    await file.close()
  }
}
