import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { stopProgram } from '../../tests/compliance/organisation-server.ts'
import { run, until } from '../../tests/compliance/os-fixture.ts'
import type { PersonShell } from './person-shell.ts'
import { cpuMsOf, distinct, type Recorder } from './recorders.ts'
import { numbered } from './storm.ts'

const programs = ['auditd', 'auditctl']

/** As `auditctl -s` tells it. */
async function auditSetting(name: string): Promise<number> {
  const { stdout } = await run('auditctl', ['-s'])
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(stdout)?.[1])
}

async function auditctl(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run('auditctl', args)
  if (status !== 0) throw new Error(`auditctl ${args.join(' ')}: ${stderr}`)
}

/** The same programs as our own rules choose. */
function rules({ uid }: Account): readonly (readonly string[])[] {
  return ['b64', 'b32'].map((arch) => {
    const who = ['-F', `auid=${uid}`, '-F', `euid!=${uid}`, '-F', 'success=1']
    return ['always,exit', '-F', `arch=${arch}`, '-S', 'execve', '-S', 'execveat', ...who]
  })
}

/** Who writes: auditd its own log, or laurel, to which auditd only hands the records on. */
export type AuditWriter = 'auditd' | 'auditd with laurel'

/** The daemon and its plugins: laurel is its child. */
function cpuMsOfAll(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuMsOf(each), 0)
}

/** An audit daemon of our own, writing to a file of its own; or why there can be none. */
export async function auditDaemon(
  undo: AsyncDisposableStack,
  writer: AuditWriter,
  { account, person }: { readonly account: Account; readonly person: PersonShell },
): Promise<Recorder | string> {
  const needed = writer === 'auditd' ? programs : [...programs, 'laurel']
  const missing = needed.some((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing) return `${writer}: not installed`
  if ((await auditSetting('enabled')) !== 0)
    return `${writer}: audit is on already, so plain sudo pays for it too`
  const dir = makeFolder(undo, writer)
  const backlogLimit = await auditSetting('backlog_limit')
  let daemon: ChildProcess | undefined
  let cpuMs = 0
  const stop = async () => {
    for (const rule of rules(account)) await run('auditctl', ['-d', ...rule])
    if (daemon === undefined) return
    await auditctl('-e', '0')
    await auditctl('-b', String(backlogLimit))
    await stopProgram(daemon)
    daemon = undefined
  }
  undo.defer(stop)
  return {
    name: writer,
    person,
    begin: async () => {
      const started = spawn('auditd', ['-n', '-s', 'nochange', '-c', dir], { stdio: 'ignore' })
      daemon = started
      await until('auditd receives', async () => (await auditSetting('pid')) === started.pid)
      await auditctl('-b', '8192')
      await auditctl('-e', '1')
      for (const rule of rules(account)) await auditctl('-a', ...rule)
      cpuMs = cpuMsOfAll(started.pid ?? 0)
    },
    end: async (count) => {
      const log = join(dir, writer === 'auditd' ? 'audit.log' : 'laurel/laurel.log')
      const seen = () => (existsSync(log) ? distinct(readFileSync(log, 'latin1'), numbered) : 0)
      await until('auditd has written everything', () => seen() >= count, 5_000).catch(() => undefined)
      const used = cpuMsOfAll(daemon?.pid ?? 0) - cpuMs
      await stop()
      const starts = seen()
      for (const folder of [dir, join(dir, 'laurel')])
        for (const name of readdirSync(folder)) if (name.includes('.log')) rmSync(join(folder, name))
      return { starts, ends: null, cpuMs: used }
    },
  }
}

function makeFolder(undo: AsyncDisposableStack, writer: AuditWriter): string {
  const dir = mkdtempSync(join(tmpdir(), 'stint-auditd-'))
  undo.defer(() => rmSync(dir, { recursive: true, force: true }))
  for (const name of ['plugins.d', 'laurel']) mkdirSync(join(dir, name), { mode: 0o750 })
  writeFileSync(join(dir, 'auditd.conf'), settings(dir, writer === 'auditd' ? 'yes' : 'no'), { mode: 0o640 })
  if (writer === 'auditd') return dir
  writeFileSync(join(dir, 'laurel.toml'), laurelSettings(dir), { mode: 0o640 })
  writeFileSync(join(dir, 'plugins.d/laurel.conf'), laurelPlugin(dir), { mode: 0o640 })
  return dir
}

/** As Debian ships it, but in a folder of our own, without rotation, and as root. */
const laurelSettings = (dir: string) => `
directory = "${dir}/laurel"
[auditlog]
file = "laurel.log"
size = 500000000
generations = 1
[transform]
execve-argv = [ "array" ]
[enrich]
pid = true
container = true
script = true
`
const laurelPlugin = (dir: string) => `
active = yes
direction = out
path = /usr/sbin/laurel
type = always
args = --config ${dir}/laurel.toml
format = string
`

/** As Debian ships it, but raw, without rotation, and never out of space. */
const settings = (dir: string, writes: 'yes' | 'no') => `
local_events = yes
write_logs = ${writes}
log_file = ${dir}/audit.log
log_format = RAW
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 500
max_log_file_action = IGNORE
space_left = 2
space_left_action = IGNORE
admin_space_left = 1
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = ${dir}/plugins.d
`
