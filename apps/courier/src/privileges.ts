import { readdirSync, readFileSync } from 'node:fs'
import { Fault } from '@stint/elevation'

export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Becomes `account` for good: no supplementary groups, then group, then user; no entry in the password file is needed.
 * Afterwards it is proven, by trying and by the kernel's own words for every thread, that there is no way back.
 * Call it when everything is loaded: the account may read nothing of ours. Throws `Fault('not-dropped')`.
 */
export function dropPrivileges({ uid, gid }: Account): void {
  const { setgroups, setgid, setuid } = process
  if (setgroups === undefined || setgid === undefined || setuid === undefined)
    throw notDropped('this system has no users to change to')
  setgroups.call(process, [])
  setgid.call(process, gid)
  setuid.call(process, uid)
  process.chdir('/')
  process.umask(0o077)
  provenDropped({ uid, gid })
}

/** Throws `Fault('not-dropped')` unless this process is `account` and nothing else, and cannot become root. */
export function provenDropped({ uid, gid }: Account): void {
  if (succeeds(() => process.setuid?.(0))) throw notDropped('root’s user could be taken back')
  if (succeeds(() => process.setgid?.(0))) throw notDropped('root’s group could be taken back')
  for (const status of threadStatuses()) {
    const wrong = wrongIn(status, { uid, gid })
    if (wrong !== undefined) throw notDropped(`a thread has another ${wrong} than it must`)
  }
}

/** Which line of a thread's status is not that of an unprivileged `account`. */
function wrongIn(status: string, { uid, gid }: Account): string | undefined {
  const four = (id: number) => Array(4).fill(id).join('\t')
  const none = '0000000000000000'
  const must = {
    Uid: four(uid),
    Gid: four(gid),
    Groups: '',
    CapInh: none,
    CapPrm: none,
    CapEff: none,
    CapAmb: none,
  }
  const said = new Map(
    status.split('\n').map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at), line.slice(at + 1).trim()]
    }),
  )
  return Object.entries(must).find(([name, value]) => said.get(name) !== value)?.[0]
}

function succeeds(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

function threadStatuses(): string[] {
  return readdirSync('/proc/self/task').map((thread) =>
    readFileSync(`/proc/self/task/${thread}/status`, 'utf8'),
  )
}

function notDropped(why: string): Fault {
  return new Fault('not-dropped', `The courier is not unprivileged: ${why}`, 'It does not run like this.')
}
