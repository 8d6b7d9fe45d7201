import type { Account } from '../os.ts'
import type { Layout } from './layout.ts'
import type { Run } from './run.ts'

const administratorGroups = new Set(['root', 'sudo', 'wheel', 'admin'])

/** Root, a member of an administrators' group, or given every command as root by a rule that is not ours. */
export async function isAdministrator(
  run: Run,
  paths: Layout,
  account: Account,
  raised: boolean,
): Promise<boolean> {
  if (account.uid === 0) return true
  const groups = await run('id', ['-Gn', '--', account.name])
  if (groups.stdout.split(/\s+/).some((group) => administratorGroups.has(group))) return true
  const listed = await run('sudo', ['-n', '-ll', '-U', account.name])
  return listed.status === 0 && grantsEverything(listed.stdout, raised ? paths : null)
}

/**
 * Reads `sudo -ll -U`. While a session of ours is raised, entries that end by themselves are ours:
 * nobody else's rule for this person would carry NOTAFTER together with our PAM service.
 */
export function grantsEverything(listing: string, raisedBy: Layout | null): boolean {
  const oursStands = raisedBy !== null && listing.includes(`pam_service=${raisedBy.pamService}`)
  return listing
    .split(/^Sudoers entry:.*$/m)
    .slice(1)
    .some((entry) => {
      if (oursStands && /^\s*NotAfter:/m.test(entry)) return false
      const asRoot = /^\s*RunAsUsers: (.*)$/m.exec(entry)?.[1]?.split(', ') ?? []
      const commands = entry
        .slice(entry.indexOf('Commands:') + 9)
        .split('\n')
        .map((line) => line.trim())
      return asRoot.some((user) => user === 'ALL' || user === 'root') && commands.includes('ALL')
    })
}
