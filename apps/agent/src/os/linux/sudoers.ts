import type { RaiseOrder } from '../os.ts'
import type { Layout } from './layout.ts'

/** The first sudo that ends a rule by itself (`NOTAFTER`). */
const oldestSudo = [1, 8, 20] as const

/**
 * Reads the first line of `sudo -V`. `null` for anything that cannot end rights by itself: older sudo,
 * and sudo-rs, whose parser refuses `NOTAFTER`.
 */
export function sudoVersion(firstLine: string): string | null {
  const match = /^Sudo version ((\d+)\.(\d+)(?:\.(\d+))?\S*)/.exec(firstLine)
  if (!match) return null
  const found = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)]
  for (const [at, needed] of oldestSudo.entries()) {
    const part = found[at] ?? 0
    if (part !== needed) return part > needed ? (match[1] ?? null) : null
  }
  return match[1] ?? null
}

/**
 * sudo's own deadline. NOTAFTER includes its second, so the second before the deadline is the last that
 * never exceeds it. The `Z` is load-bearing: without it `TZ=… sudo` moves the deadline.
 */
export function notAfter(endsAtWallMs: number): string {
  const last = new Date((Math.floor(endsAtWallMs / 1000) - 1) * 1000)
  return `${last.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
}

/** The drop-in of one session, by uid because directory names need quoting that differs between versions. */
export function sudoersRule(paths: Layout, order: RaiseOrder): string {
  const who = `#${order.uid}`
  const keep = 'env_keep += "WAYLAND_DISPLAY XDG_RUNTIME_DIR"'
  // Both services: with only pam_service, `sudo -i` is not put into the session's process group.
  const services = `pam_service=${paths.pamService}, pam_login_service=${paths.pamService}`
  return [
    `# ${paths.name} session ${order.sessionId}. Ends by itself; removed when the session ends.`,
    `Defaults:${who} ${services}, use_pty, timestamp_timeout=0, ${keep}`,
    `${who} ALL=(ALL:ALL) NOTAFTER=${notAfter(order.endsAtWallMs)} NOPASSWD: ALL`,
    '',
  ].join('\n')
}
