import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { SystemSnapshot } from '../../os.ts'
import { type FileCapabilities, fileCapabilities } from './capabilities.ts'
import { modeText, nameText, Reading } from './reading.ts'

/** File systems of this computer itself. Over a network a walk would be slow, and set-uid programs are rare. */
const localTypes = new Set(
  'bcachefs btrfs ext2 ext3 ext4 f2fs jfs overlay reiserfs tmpfs xfs zfs ramfs vfat ntfs3'.split(' '),
)
const withinSeconds = 60
const maxOutputBytes = 64 << 20

export interface Mount {
  readonly point: string
  readonly type: string
}

/**
 * One mount point for each local file system on which set-uid has an effect, out of proc_pid_mountinfo(5). A file
 * system that is mounted in several places is walked where its own root is, if it is anywhere.
 */
export function walkedMounts(mountinfo: string): readonly Mount[] {
  const found = new Map<string, Mount & { readonly whole: boolean }>()
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ')
    const [, , device = '', root = '', point = '', options = ''] = left.split(' ')
    const type = right.split(' ')[0] ?? ''
    if (!localTypes.has(type) || options.split(',').includes('nosuid')) continue
    const known = found.get(device)
    if (known === undefined || (!known.whole && root === '/'))
      found.set(device, { point: unescaped(point), type, whole: root === '/' })
  }
  return [...found.values()].map(({ point, type }) => ({ point, type }))
}

/** Blanks and line breaks in mount points are written as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)))
}

/** A file that can be executed or is set-uid or set-gid. */
interface Program {
  readonly mode: number
  readonly owner: string
  /** Device and inode. */
  readonly id: string
  /** As `id`, and another one for a later file of the same number. */
  readonly thing: string
  readonly changedMs: number
  readonly path: Buffer
}

const format = '%m %U:%G %D:%i %C@ %B@ %p\\0'

/**
 * Programs that give more rights than their starter has: set-uid, set-gid, and file capabilities. A file without
 * permission to be executed is looked at only if it changed since then: it can be given that permission later.
 */
export async function readPrograms(sinceWallMs: number | null): Promise<SystemSnapshot> {
  const setUid = new Reading('set-uid')
  const capable = new Reading('file-capability')
  const both = [setUid, capable]
  try {
    const mounts = walkedMounts(await readFile('/proc/self/mountinfo', 'utf8'))
    const walked = await walk(
      mounts.map(({ point }) => point),
      sinceWallMs,
    )
    if (walked.cut) miss(both, 'The walk over the file systems did not end in time.')
    const capabilities = loadCapabilities(capable)
    for (const program of onePathEach(walked.programs)) addProgram(program, setUid, capable, capabilities)
  } catch (error) {
    for (const reading of both) reading.missed('The file systems', error)
    if (both.every(({ unread }) => unread.length === 0)) miss(both, 'This computer has no program "find".')
  }
  return { items: both.flatMap(({ items }) => items), unread: both.flatMap(({ unread }) => unread) }
}

function miss(readings: readonly Reading[], why: string): void {
  for (const { kind, unread } of readings) unread.push({ kind, why })
}

function loadCapabilities(capable: Reading): FileCapabilities | null {
  try {
    return fileCapabilities()
  } catch {
    miss([capable], 'File capabilities cannot be read on this computer.')
    return null
  }
}

function addProgram(
  { mode, owner, id, thing, changedMs, path: bytes }: Program,
  setUid: Reading,
  capable: Reading,
  capabilities: FileCapabilities | null,
): void {
  const path = nameText(bytes).text
  const seen = { atMs: changedMs, thing, mark: `${mode} ${owner} ${id} ${changedMs}` }
  if (mode & 0o6000) setUid.add(path, `mode ${modeText(mode)}, owner ${owner}`, seen)
  try {
    const text = capabilities?.read(bytes) ?? null
    if (text !== null) capable.add(path, text, { ...seen, mark: `${text} ${seen.mark}` })
  } catch (error) {
    capable.missed(path, error)
  }
}

/** A file that is seen under several paths (a second mount, a link) is told of under its shortest. */
function onePathEach(programs: readonly Program[]): readonly Program[] {
  const found = new Map<string, Program>()
  for (const program of programs) {
    const known = found.get(program.id)
    if (known === undefined || program.path.length < known.path.length) found.set(program.id, program)
  }
  return [...found.values()]
}

/**
 * A process of its own at the lowest priority of processor and disk: a walk over a cold disk takes many seconds.
 * @throws when it cannot be started
 */
function walk(
  points: readonly string[],
  sinceWallMs: number | null,
): Promise<{ programs: readonly Program[]; cut: boolean }> {
  return new Promise((resolve, reject) => {
    const changed = sinceWallMs === null ? [] : ['-o', '-newerct', `@${Math.floor(sinceWallMs / 1000)}`]
    const wanted = ['(', '-perm', '/6111', ...changed, ')']
    const find = [...points, '-xdev', '-type', 'f', ...wanted, '-printf', format]
    const args = ['-n', '19', 'timeout', '-s', 'KILL', String(withinSeconds), 'find', ...find]
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
    const child = spawn('nice', args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    let bytes = 0
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxOutputBytes) child.kill('SIGKILL')
      else chunks.push(chunk)
    })
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 127) return reject(Object.assign(new Error('find is not there'), { code: 'ENOENT' }))
      // 1: something vanished during the walk, as things do.
      const cut = signal !== null || (code !== 0 && code !== 1)
      // One character a byte: names need not be text.
      const lines = Buffer.concat(chunks).toString('latin1').split('\0')
      resolve({ programs: lines.flatMap(parseProgram), cut })
    })
  })
}

function parseProgram(line: string): Program[] {
  const [, mode = '', owner = '', id = '', seconds = '', born = '', path = ''] =
    /^(\d+) (\d+:\d+) (\d+:\d+) ([\d.-]+) ([\d.-]*) (.+)$/s.exec(line) ?? []
  if (path === '') return []
  const numbers = { mode: Number.parseInt(mode, 8), changedMs: Number(seconds) * 1000 }
  return [{ ...numbers, owner, id, thing: `${id} ${born}`, path: Buffer.from(path, 'latin1') }]
}
