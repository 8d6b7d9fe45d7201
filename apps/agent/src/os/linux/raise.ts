import { existsSync } from 'node:fs'
import {
  type Account,
  type Clock,
  type LowerFinding,
  OsError,
  type RaisedSession,
  type RaiseOrder,
} from '../os.ts'
import { findGroupRoot, groupOf, makeGroup } from './cgroup.ts'
import { hasPolkitRules } from './facts.ts'
import { listIfThere, putFile, removeIfThere } from './files.ts'
import {
  isSessionId,
  type Layout,
  polkitFile,
  sessionOfPolkitFile,
  sessionOfSudoersFile,
  sudoersFile,
  whileFile,
} from './layout.ts'
import { polkitRule } from './polkit.ts'
import { makeRunTree } from './prepare.ts'
import { readProcess } from './processes.ts'
import type { Run } from './run.ts'
import { sudoersRule } from './sudoers.ts'

/** Order matters: what ends and contains the session stands before the rule that opens it. */
export async function raise(run: Run, paths: Layout, order: RaiseOrder, account: Account): Promise<void> {
  if (!existsSync(paths.sudoersInclude) || !existsSync(paths.pamFile)) throw notPrepared()
  const rule = sudoersRule(paths, order)
  await makeRunTree(paths)
  const group = groupOf(findGroupRoot(paths.name), order.sessionId)
  await makeGroup(group)
  await putFile(`${paths.groupDir}/${order.uid}`, `${group}\n`, 0o600)
  await putFile(`${paths.gateDir}/${order.uid}`, gateText(order, account), 0o644)
  await putFile(sudoersFile(paths, order.uid, order.sessionId), rule, 0o440, (draft) => checkRule(run, draft))
  if (await hasPolkitRules(run, paths)) {
    await putFile(
      polkitFile(paths, order.uid, order.sessionId),
      polkitRule(paths, order, account.name),
      0o644,
    )
  }
}

/** Readable by polkit, whose rules ask the same lock. */
export async function onlyWhileRuns(paths: Layout, uid: number, pid: number | null): Promise<void> {
  if (pid === null) return void (await removeIfThere(whileFile(paths, uid)))
  await makeRunTree(paths)
  const began = readProcess(pid)?.startedTicks
  if (began === undefined) throw new TypeError('only a running process can be needed')
  await putFile(whileFile(paths, uid), `${pid} ${began}\n`, 0o644)
}

function gateText({ endsAtBootMs }: RaiseOrder, { name }: Account): string {
  return `${Math.floor(endsAtBootMs / 1000)} ${name}\n`
}

/** @throws OsError `bad-order`, `deadline-passed`, `already-raised` */
export async function checkOrder(paths: Layout, clock: Clock, order: RaiseOrder): Promise<void> {
  if (!isSessionId(order.sessionId) || !Number.isInteger(order.uid) || order.uid <= 0) {
    throw new OsError(
      'bad-order',
      'This session or account cannot be raised.',
      'Give a session id and a uid above 0.',
    )
  }
  const now = clock.now()
  if (!(order.endsAtWallMs > now.wallMs && order.endsAtBootMs > now.bootMs)) {
    throw new OsError(
      'deadline-passed',
      'The time of this session is already over.',
      'Ask for a new session.',
    )
  }
  const other = (await raisedSessions(paths)).find(
    (found) => found.uid === order.uid && found.sessionId !== order.sessionId,
  )
  if (other === undefined) return
  const hint = `End session ${other.sessionId} first.`
  throw new OsError('already-raised', 'This person already has a session.', hint)
}

/** An unvalidated file never takes effect. */
async function checkRule(run: Run, draft: string): Promise<void> {
  const checked = await run('visudo', ['-cf', draft])
  if (checked.status === 0) return
  const detail = `${checked.stdout}${checked.stderr}`.trim()
  const hint = 'Report this together with the version of sudo.'
  throw new OsError('rule-refused', `sudo does not accept the rule of this session: ${detail}`, hint)
}

/**
 * Removes every part even when one of them fails, sudo's first; then reads back.
 * @throws OsError `still-raised`
 */
export async function lower(paths: Layout, session: RaisedSession): Promise<LowerFinding> {
  const failures: unknown[] = []
  const remove = async (path: string): Promise<boolean> =>
    removeIfThere(path).catch((error) => {
      failures.push(error)
      return true
    })
  const wasRaised = await remove(sudoersFile(paths, session.uid, session.sessionId))
  await remove(polkitFile(paths, session.uid, session.sessionId))
  const left = await raisedSessions(paths)
  if (!left.some((other) => other.uid === session.uid && other.sessionId !== session.sessionId)) {
    await remove(`${paths.gateDir}/${session.uid}`)
    await remove(whileFile(paths, session.uid))
    await remove(`${paths.groupDir}/${session.uid}`)
  }
  const stillThere = left.some((other) => other.uid === session.uid && other.sessionId === session.sessionId)
  if (!stillThere && failures.length === 0) return wasRaised ? 'raised' : 'removed-elsewhere'
  const hint = `Remove ${sudoersFile(paths, session.uid, session.sessionId)} and look for "chattr +i" on it.`
  throw new OsError('still-raised', 'The rights of this session could not be taken away.', hint, failures[0])
}

/** Read from sudo's and polkit's own folders, by file name: the content could have been changed. */
export async function raisedSessions(paths: Layout): Promise<readonly RaisedSession[]> {
  const sudo = (await listIfThere(paths.sudoersDir)).map(sessionOfSudoersFile)
  const polkit = (await listIfThere(paths.polkitRules)).map((file) => sessionOfPolkitFile(paths, file))
  const found = new Map<string, RaisedSession>()
  for (const session of [...sudo, ...polkit]) {
    if (session) found.set(`${session.uid}/${session.sessionId}`, session)
  }
  return [...found.values()]
}

function notPrepared(): OsError {
  return new OsError(
    'not-prepared',
    'This computer is not prepared for sessions.',
    'Start the agent again as root.',
  )
}
