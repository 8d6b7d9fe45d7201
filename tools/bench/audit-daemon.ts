import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { run, until } from '../../tests/compliance/os-fixture.ts'
import type { PersonShell } from './person-shell.ts'
import { cpuMsOf, distinct, type Recorder } from './recorders.ts'

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

/** An audit daemon of our own, writing to a file of its own; or why there can be none. */
export async function auditDaemon(
  undo: AsyncDisposableStack,
  account: Account,
  person: PersonShell,
): Promise<Recorder | string> {
  const missing = programs.some((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
  if (missing) return 'auditd: not installed'
  if ((await auditSetting('enabled')) !== 0)
    return 'auditd: audit is on already, so plain sudo pays for it too'
  const dir = makeFolder(undo)
  const backlogLimit = await auditSetting('backlog_limit')
  let daemon: ChildProcess | undefined
  let cpuMs = 0
  const stop = async () => {
    for (const rule of rules(account)) await run('auditctl', ['-d', ...rule])
    if (daemon === undefined) return
    await auditctl('-e', '0')
    await auditctl('-b', String(backlogLimit))
    daemon.kill('SIGTERM')
    await once(daemon, 'exit')
    daemon = undefined
  }
  undo.defer(stop)
  return {
    name: 'auditd',
    person,
    begin: async () => {
      const started = spawn('auditd', ['-n', '-s', 'nochange', '-c', dir], { stdio: 'ignore' })
      daemon = started
      await until('auditd receives', async () => (await auditSetting('pid')) === started.pid)
      await auditctl('-b', '8192')
      await auditctl('-e', '1')
      for (const rule of rules(account)) await auditctl('-a', ...rule)
      cpuMs = cpuMsOf(started.pid ?? 0)
    },
    end: async (count) => {
      const log = join(dir, 'audit.log')
      const seen = () => distinct(readFileSync(log, 'latin1'), / a1="child" a2="(\d+)"/g)
      await until('auditd has written everything', () => seen() >= count, 5_000).catch(() => undefined)
      const used = cpuMsOf(daemon?.pid ?? 0) - cpuMs
      await stop()
      const starts = seen()
      rmSync(log)
      return { starts, ends: null, cpuMs: used }
    },
  }
}

function makeFolder(undo: AsyncDisposableStack): string {
  const dir = mkdtempSync(join(tmpdir(), 'stint-auditd-'))
  undo.defer(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'plugins.d'), { mode: 0o750 })
  writeFileSync(join(dir, 'auditd.conf'), settings(dir), { mode: 0o640 })
  return dir
}

/** As Debian ships it, but raw, without rotation, and never out of space. */
const settings = (dir: string) => `
local_events = yes
write_logs = yes
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
