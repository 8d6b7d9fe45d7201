import { chmod, chown } from 'node:fs/promises'
import { type Os, OsError, type OsOptions } from '../os.ts'
import { listAccounts, lookUp, requireAccount } from './accounts.ts'
import { isAdministrator } from './administrator.ts'
import { findGroupRoot } from './cgroup.ts'
import { restore } from './changes/restore.ts'
import { snapshot } from './changes/snapshot.ts'
import { elevatedProcesses, endProcesses } from './end.ts'
import { readFacts } from './facts.ts'
import { makeDir } from './files.ts'
import { type Layout, layout } from './layout.ts'
import { watchLogoff } from './logoff.ts'
import { prepare, unprepare } from './prepare.ts'
import { checkOrder, lower, onlyWhileRuns, raise, raisedSessions } from './raise.ts'
import { type Run, runCommand } from './run.ts'
import { writeToTerminals } from './terminals.ts'

export interface LinuxOptions extends OsOptions {
  /** Name of the installation in system paths; only tests need a second one beside `stint`. */
  readonly name?: string
  readonly run?: Run
}

/** Linux with sudo, and polkit where it is present. */
export function linuxOs({ clock, name, run = runCommand }: LinuxOptions): Os {
  const paths = layout(name)
  const groupRoot = (): string => findGroupRoot(paths.name)
  const isRaised = async (uid: number): Promise<boolean> =>
    (await raisedSessions(paths)).some((session) => session.uid === uid)
  return {
    facts: () => readFacts(run, paths),
    account: (uid) => lookUp(run, uid),
    accounts: () => listAccounts(run),
    isAdministrator: async (uid) =>
      isAdministrator(run, paths, await requireAccount(run, uid), await isRaised(uid)),
    prepare: () => prepare(run, paths),
    unprepare: async () => {
      const [session] = await raisedSessions(paths)
      if (session === undefined) return unprepare(paths)
      const hint = `End session ${session.sessionId} first.`
      throw new OsError('still-raised', 'Somebody is raised at the moment.', hint)
    },
    raise: async (order) => {
      await checkOrder(paths, clock, order)
      const account = await requireAccount(run, order.uid)
      const before = await isRaised(order.uid)
      await raise(run, paths, order, account).catch(async (error) => {
        // A failed change of a running session leaves it as it was; a failed start leaves nothing.
        if (!before) await lower(paths, order)
        throw asRaiseFailure(error)
      })
    },
    onlyWhileRuns: (uid, pid) => onlyWhileRuns(paths, uid, pid),
    lower: (session) => lower(paths, session),
    raisedSessions: () => raisedSessions(paths),
    isRaised,
    elevatedProcesses: (session) => elevatedProcesses(groupRoot(), session),
    endProcesses: (order) => endProcesses(clock, groupRoot(), order),
    watchLogoff: async (uid, onLogoff) => watchLogoff(clock, uid, onLogoff),
    notify: writeToTerminals,
    userSocketDir: (uid) => makeSocketDir(paths, uid),
    giveSocket: async (path, uid) => {
      await chown(path, uid, 0)
      await chmod(path, 0o600)
    },
    snapshot: (order) => snapshot({ clock, paths }, order),
    restore: (order) => restore({ clock, paths, run }, order),
  }
}

async function makeSocketDir(paths: Layout, uid: number): Promise<string> {
  const dir = `${paths.socketDir}/${uid}`
  await makeDir(paths.run, 0o755)
  await makeDir(paths.socketDir, 0o711)
  await makeDir(dir, 0o711)
  return dir
}

function asRaiseFailure(error: unknown): OsError {
  if (error instanceof OsError) return error
  const hint = 'Check free space and permissions of /run and /etc, then ask again.'
  return new OsError('raise-failed', 'The rights could not be raised.', hint, error)
}
