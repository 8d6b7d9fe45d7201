import { readFile } from 'node:fs/promises'
import { usesDirectory } from '../accounts.ts'
import { readIfThere } from '../files.ts'
import { digest, type Reading } from './reading.ts'

/**
 * Groups whose members are, or can make themselves, root: by a rule that distributions bring, by starting a container
 * with the whole disk, by reading or writing the disk itself.
 */
const administratorGroups = new Set([
  'root',
  'sudo',
  'wheel',
  'admin',
  'docker',
  'lxd',
  'incus-admin',
  'libvirt',
  'disk',
  'shadow',
])

interface Group {
  readonly name: string
  readonly gid: string
  /** As it is written in the list of groups. */
  readonly password: string
  readonly members: readonly string[]
}

interface People {
  readonly passwd: readonly (readonly string[])[]
  readonly groups: readonly Group[]
}

/** Members of administrators' groups (`anna in sudo`), and every account with uid 0. */
export async function readAdministrators(reading: Reading): Promise<void> {
  const { passwd, groups } = await readPeople(reading)
  for (const [name = '', , uid] of passwd) if (isRoot(uid)) reading.add(`${name} with uid 0`, 'is root')
  for (const { name: group, gid, members } of groups) {
    if (!administratorGroups.has(group)) continue
    for (const name of new Set(members)) reading.add(`${name} in ${group}`, 'is a member')
    const primary = passwd.filter(([, , uid, own]) => own === gid && !isRoot(uid))
    for (const [name = ''] of primary)
      if (!members.includes(name)) reading.add(`${name} in ${group}`, 'is a member: it is the primary group')
  }
  if (usesDirectory((await readIfThere('/etc/nsswitch.conf')) ?? ''))
    reading.unread.push({ kind: reading.kind, why: 'Members that only a directory knows were not compared.' })
}

/** Local accounts and groups. Of a password only whether there is one, and that it is another one. */
export async function readAccounts(reading: Reading): Promise<void> {
  const { passwd, groups } = await readPeople(reading)
  const shadow = new Map((await fields(reading, '/etc/shadow')).map((line) => [line[0], line]))
  for (const [name = '', inPasswd = '', uid, gid, , home, shell] of passwd) {
    const [, inShadow = '!', , , , , , ends = ''] = shadow.get(name) ?? []
    const hash = inPasswd === 'x' ? inShadow : inPasswd
    const places = `home ${home || 'none'}, shell ${shell || 'none'}`
    const state = `uid ${uid}, group ${gid}, ${places}, ${passwordText(hash)}`
    reading.add(`account ${name}`, state, { mark: digest(JSON.stringify([state, hash, ends])) })
  }
  await readGroups(reading, groups)
}

async function readGroups(reading: Reading, groups: readonly Group[]): Promise<void> {
  const hidden = new Map((await fields(reading, '/etc/gshadow')).map((line) => [line[0], line]))
  for (const { name, gid, members, password } of groups) {
    const names = administratorGroups.has(name) ? '' : `, members: ${members.join(' ') || 'none'}`
    // Whoever knows a group's password, or looks after it, makes himself a member.
    const [, inGshadow = '', lookAfter = ''] = hidden.get(name) ?? []
    const hash = password === 'x' ? inGshadow : password
    const opens = /^[!*]|^$/.test(hash) ? '' : ', with a password'
    const state = `gid ${gid}${names}${opens}${lookAfter && `, looked after by ${lookAfter}`}`
    reading.add(`group ${name}`, state, { mark: digest(JSON.stringify([state, hash])) })
  }
}

/** As the system reads it: `00` is root as well. */
function isRoot(uid: string | undefined): boolean {
  return uid !== undefined && uid !== '' && Number(uid) === 0
}

function passwordText(hash: string): string {
  if (hash === '') return 'no password'
  return /^[!*]/.test(hash) ? 'locked' : 'with a password'
}

async function readPeople(reading: Reading): Promise<People> {
  const passwd = await fields(reading, '/etc/passwd')
  const groups = (await fields(reading, '/etc/group')).map(
    ([name = '', password = '', gid = '', members = '']) => {
      return { name, password, gid, members: members.split(',').filter(Boolean) }
    },
  )
  return { passwd, groups }
}

async function fields(reading: Reading, path: string): Promise<readonly (readonly string[])[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n')
    return lines.filter((line) => line.includes(':')).map((line) => line.split(':'))
  } catch (error) {
    reading.missed(path, error)
    return []
  }
}

/** Homes by account, for keys that open a login. */
export async function homes(reading: Reading): Promise<readonly string[]> {
  const found = (await fields(reading, '/etc/passwd')).map((line) => line[5] ?? '')
  const real = found.filter((home) => home.startsWith('/') && home !== '/nonexistent')
  return [...new Set(real.map((home) => home.replace(/\/+$/, '')))]
}
