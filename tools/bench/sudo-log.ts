import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { addSudoRule, openShell } from './bench-computer.ts'
import { distinct, type Recorder } from './recorders.ts'
import { numbered } from './storm.ts'

/** sudo's own `log_subcmds`, to a file. Or why there can be none. */
export function sudoLog(undo: AsyncDisposableStack, name: string, account: Account): Recorder | string {
  const dir = mkdtempSync(join(tmpdir(), 'stint-sudo-log-'))
  undo.defer(() => rmSync(dir, { recursive: true, force: true }))
  const log = join(dir, 'sudo.log')
  writeFileSync(log, '', { mode: 0o600 })
  const who = `#${account.uid}`
  // Not `dso`, its default: that sees nothing of what a static program starts.
  const settings = `log_subcmds, intercept_type=trace, !syslog, logfile=${log}, loglinelen=0`
  const rule = [`Defaults:${who} ${settings}`, `${who} ALL=(ALL:ALL) NOPASSWD: ALL`]
  if (!addSudoRule(undo, `${name}-log`, rule)) return 'sudo log_subcmds: this sudo has none'
  return {
    name: 'sudo log_subcmds',
    person: openShell(undo, account),
    begin: async () => truncateSync(log),
    end: async () => ({
      starts: distinct(readFileSync(log, 'utf8'), numbered),
      ends: null,
      cpuMs: null,
    }),
  }
}
