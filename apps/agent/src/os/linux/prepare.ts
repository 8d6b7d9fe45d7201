import { existsSync } from 'node:fs'
import { rm, rmdir } from 'node:fs/promises'
import { OsError } from '../os.ts'
import { childGroups, findGroupRoot, makeGroup, removeGroup } from './cgroup.ts'
import { findSudo, hasPolkitRules } from './facts.ts'
import { keepFile, makeDir, readIfThere, removeIfThere } from './files.ts'
import type { Layout } from './layout.ts'
import {
  copyOfVendor,
  gateScript,
  joinPolkit,
  joinScript,
  leavePolkit,
  pamService,
  tmpfilesLine,
} from './pam.ts'
import type { Run } from './run.ts'

export async function prepare(run: Run, paths: Layout): Promise<void> {
  requireRoot()
  if ((await findSudo(run)) === null) {
    const hint = 'Install sudo 1.8.20 or newer (sudo-rs has no time limits yet).'
    throw new OsError('sudo-unsupported', 'This computer has no sudo that ends rights by itself.', hint)
  }
  await makeGroup(findGroupRoot(paths.name))
  await makeRunTree(paths)
  // Helpers before whoever calls them: a PAM line whose helper is missing refuses everybody.
  await makeDir(paths.helperDir, 0o755)
  await keepFile(paths.gateHelper, gateScript(paths), 0o755)
  await keepFile(paths.joinHelper, joinScript(paths), 0o755)
  await keepFile(paths.pamFile, pamService(paths), 0o644)
  if (await hasPolkitRules(run, paths)) await installPolkit(paths)
  await includeSudoers(run, paths)
}

/** Made again before every raise: a cleaned `/run` must not end in a half-raised session. */
export async function makeRunTree(paths: Layout): Promise<void> {
  await makeDir(paths.run, 0o755)
  await makeDir(paths.sudoersDir, 0o750)
  await makeDir(paths.gateDir, 0o755)
  await makeDir(paths.groupDir, 0o700)
  await makeDir(paths.socketDir, 0o711)
}

async function installPolkit(paths: Layout): Promise<void> {
  const own = await readIfThere(paths.pamPolkit)
  const vendor = own === null ? await readIfThere(paths.vendorPamPolkit) : null
  const base = own ?? (vendor === null ? null : copyOfVendor(vendor))
  if (base !== null) await keepFile(paths.pamPolkit, joinPolkit(paths, base), 0o644)
  if (existsSync('/etc/tmpfiles.d')) await keepFile(paths.tmpfiles, tmpfilesLine(paths), 0o644)
}

/**
 * visudo names every file that sudo reads; if ours is not among them, raising would do nothing. While another file
 * holds a mistake it names only that one, and sudo passes over it, so then the line in the main file must do.
 */
async function includeSudoers(run: Run, paths: Layout): Promise<void> {
  const include = `# Sessions of ${paths.name}; the folder is empty when nobody is raised.\n#includedir ${paths.sudoersDir}\n`
  await keepFile(paths.sudoersInclude, include, 0o440)
  const read = await run('visudo', ['-c'])
  if (`${read.stdout}${read.stderr}`.includes(`${paths.sudoersInclude}: parsed OK`)) return
  const main = (await readIfThere('/etc/sudoers')) ?? ''
  if (read.status !== 0 && /^[@#]includedir\s+\/etc\/sudoers\.d\/?\s*$/m.test(main)) return
  await removeIfThere(paths.sudoersInclude)
  const hint = 'Add the line "@includedir /etc/sudoers.d" to /etc/sudoers with visudo, then start again.'
  throw new OsError('sudo-not-included', 'sudo does not read /etc/sudoers.d on this computer.', hint)
}

/** In the opposite order: callers first, helpers last. */
export async function unprepare(paths: Layout): Promise<void> {
  requireRoot()
  await removeIfThere(paths.sudoersInclude)
  await leavePolkitFile(paths)
  await removeIfThere(paths.tmpfiles)
  await removeIfThere(paths.pamFile)
  for (const helper of [paths.gateHelper, paths.joinHelper]) await removeIfThere(helper)
  await rmdir(paths.helperDir).catch(unlessUsedOrGone)
  await removeRunTree(paths)
  const root = findGroupRoot(paths.name)
  for (const group of await childGroups(root)) await removeGroup(group)
  await removeGroup(root)
}

/** Only what an agent makes in it: the name of the folder comes from a flag, and it may be somebody else's. */
async function removeRunTree(paths: Layout): Promise<void> {
  const { run, sudoersDir, gateDir, groupDir, socketDir } = paths
  const files = [`${run}/courier`, `${run}/agent.lock`]
  for (const path of [sudoersDir, gateDir, groupDir, socketDir, ...files])
    await rm(path, { recursive: true, force: true })
  await rmdir(run).catch(unlessUsedOrGone)
}

/** A copy that nobody changed since is removed; a file with other people's changes only loses our lines. */
async function leavePolkitFile(paths: Layout): Promise<void> {
  const own = await readIfThere(paths.pamPolkit)
  if (own === null) return
  const without = leavePolkit(paths, own)
  if (without === own) return
  const vendor = await readIfThere(paths.vendorPamPolkit)
  if (vendor !== null && without === copyOfVendor(vendor)) await removeIfThere(paths.pamPolkit)
  else await keepFile(paths.pamPolkit, without, 0o644)
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return
  throw new OsError(
    'not-root',
    'The agent changes system files and must run as root.',
    'Start it with sudo, or as a service.',
  )
}

function unlessUsedOrGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error
}
