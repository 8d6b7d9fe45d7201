import { existsSync } from 'node:fs'
import { hostname, release } from 'node:os'
import type { DeviceClass, DeviceFacts } from '../os.ts'
import { readIfThere } from './files.ts'
import type { Layout } from './layout.ts'
import type { Run } from './run.ts'
import { sudoVersion } from './sudoers.ts'

/** SMBIOS chassis types (DMTF DSP0134, 7.4.1). */
const laptopChassis = new Set([8, 9, 10, 14, 30, 31, 32])
const workstationChassis = new Set([3, 4, 5, 6, 7, 13, 15, 16, 35, 36])
const serverChassis = new Set([17, 23, 25, 28, 29])
const firstPolkitWithRules = 106

/** A value of os-release(5), unquoted. */
export function osReleaseValue(content: string, key: string): string {
  const raw = new RegExp(`^${key}=(.*)$`, 'm').exec(content)?.[1] ?? ''
  return raw.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(.)/g, '$1')
}

/** A hypervisor wins over the chassis: virtual machines invent theirs. */
export function classOf(chassis: string | null, cpuinfo: string): DeviceClass {
  if (/^flags\s*:.*\bhypervisor\b/m.test(cpuinfo)) return 'vm'
  const type = Number(chassis ?? 0)
  if (laptopChassis.has(type)) return 'laptop'
  if (workstationChassis.has(type)) return 'workstation'
  return serverChassis.has(type) ? 'server' : 'unknown'
}

/** The version of sudo that can end rights by itself, or `null` when there is none. */
export async function findSudo(run: Run): Promise<string | null> {
  const answer = await run('sudo', ['-V']).catch(() => null)
  return answer === null ? null : sudoVersion(answer.stdout)
}

/** polkit before 0.106 reads no JavaScript rules; such a rule would have no end of its own. */
export async function hasPolkitRules(run: Run, paths: Layout): Promise<boolean> {
  if (!existsSync(paths.polkitRules)) return false
  const answer = await run('pkaction', ['--version']).catch(() => null)
  const match = /(\d+)(?:\.(\d+))?\s*$/.exec(answer?.stdout.trim() ?? '')
  if (!match) return false
  return Number(match[1]) > 0 || Number(match[2] ?? 0) >= firstPolkitWithRules
}

export async function readFacts(run: Run, paths: Layout): Promise<DeviceFacts> {
  const osRelease = (await readIfThere('/etc/os-release')) ?? ''
  const chassis = await readIfThere('/sys/class/dmi/id/chassis_type')
  return {
    hostname: hostname(),
    osFamily: 'linux',
    osName: osReleaseValue(osRelease, 'NAME') || 'Linux',
    osVersion: osReleaseValue(osRelease, 'VERSION_ID'),
    kernel: release(),
    class: classOf(chassis, (await readIfThere('/proc/cpuinfo')) ?? ''),
    sudoVersion: await findSudo(run),
    polkit: await hasPolkitRules(run, paths),
    audit: existsSync('/proc/self/loginuid'),
  }
}
