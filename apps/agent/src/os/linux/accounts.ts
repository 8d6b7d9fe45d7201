import { type Account, type AccountLookup, OsError } from '../os.ts'
import { readIfThere } from './files.ts'
import type { Run } from './run.ts'

/** Sources that are complete by themselves: what they do not list does not exist. */
const localSources = new Set(['files', 'compat', 'systemd', 'altfiles', 'mymachines'])
const highestUid = 65_533

/** One line of passwd(5); `null` when it is not one. */
export function parsePasswd(line: string): Account | null {
  const [name, , uid, gid, , home, shell] = line.split(':')
  if (!name || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return null
  return {
    uid: Number(uid),
    name,
    userId: `uid:${uid}:${name}`,
    gid: Number(gid),
    home: home ?? '',
    shell: shell ?? '',
  }
}

/** Whether nsswitch.conf names a source for people that may be out of reach (sss, ldap, winbind …). */
export function usesDirectory(nsswitch: string): boolean {
  const line = /^\s*passwd\s*:([^#\n]*)/m.exec(nsswitch)?.[1] ?? 'files'
  const sources = line
    .replace(/\[[^\]]*\]/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
  return sources.some((source) => !localSources.has(source))
}

/** UID_MIN and UID_MAX of login.defs(5). */
export function personUids(loginDefs: string): { lowest: number; highest: number } {
  const read = (key: string, otherwise: number): number =>
    Number(new RegExp(`^\\s*${key}\\s+(\\d+)`, 'm').exec(loginDefs)?.[1] ?? otherwise)
  return { lowest: read('UID_MIN', 1000), highest: Math.min(read('UID_MAX', highestUid), highestUid) }
}

/**
 * NSS answers "not found" both when nobody has the uid and when the directory is down. So a missing account is
 * `gone` only where all sources are local; with a directory configured it is `unreachable`.
 */
export async function lookUp(run: Run, uid: number): Promise<AccountLookup> {
  if (!Number.isInteger(uid) || uid < 0) return 'gone'
  try {
    const found = await run('getent', ['passwd', String(uid)])
    const account = found.status === 0 ? parsePasswd(found.stdout.trimEnd()) : null
    if (account?.uid === uid) return account
    if (found.status !== 2) return 'unreachable'
    return usesDirectory((await readIfThere('/etc/nsswitch.conf')) ?? '') ? 'unreachable' : 'gone'
  } catch (error) {
    if (error instanceof OsError) return 'unreachable'
    throw error
  }
}

/** @throws OsError `account-gone`, `directory-unreachable` */
export async function requireAccount(run: Run, uid: number): Promise<Account> {
  const account = await lookUp(run, uid)
  if (account === 'gone') {
    throw new OsError(
      'account-gone',
      `Nobody on this computer has the uid ${uid}.`,
      'Ask again from an account that exists.',
    )
  }
  if (account === 'unreachable') {
    const hint = 'Check the connection to the directory (for example: getent passwd), then try again.'
    throw new OsError('directory-unreachable', `The directory did not say who has the uid ${uid}.`, hint)
  }
  return account
}

export async function listAccounts(run: Run): Promise<readonly Account[]> {
  const { lowest, highest } = personUids((await readIfThere('/etc/login.defs')) ?? '')
  const listed = await run('getent', ['passwd'])
  const accounts = listed.stdout
    .split('\n')
    .map(parsePasswd)
    .filter((found) => found !== null)
  return accounts.filter(({ uid }) => uid >= lowest && uid <= highest).sort((a, b) => a.uid - b.uid)
}
