import { broken, type Finding, good, weak } from './finding.ts'
import type { System } from './system.ts'

/** What the operating system needs so that a session ends, also when Stint does not run. */
export interface EndsReading {
  readonly mounts: string
  /** As `uname -r` says. */
  readonly kernel: string
  /** The agent has put its lock into sudo's log-in steps. */
  readonly gate: boolean
  readonly agentRuns: boolean
  readonly systemd: boolean
  readonly logind: boolean
}

/** @param name of the installation, as its run folder says */
export function readEnds(system: System, name: string, kernel: string): EndsReading {
  return {
    mounts: system.text('/proc/mounts') ?? '',
    kernel,
    gate: system.exists(`/etc/pam.d/${name}-sudo`) && system.exists(`/usr/lib/${name}/gate`),
    agentRuns: system.exists(`/run/${name}/u`),
    systemd: system.exists('/run/systemd/system'),
    logind: system.exists('/run/systemd/seats'),
  }
}

export function judgeEnds(reading: EndsReading): readonly Finding[] {
  return [judgeGroups(reading), judgeGate(reading), judgeLogind(reading)]
}

/** cgroup.kill came with Linux 5.14. */
function judgeGroups({ mounts, kernel }: EndsReading): Finding {
  if (!/^\S+ \S+ cgroup2 /m.test(mounts))
    return broken(
      'process groups',
      'cgroup v2 is not mounted.',
      'What is raised cannot be told from what is not, so nobody is raised.',
      'Mount cgroup v2, or start the kernel with systemd.unified_cgroup_hierarchy=1.',
    )
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  if (major > 5 || (major === 5 && minor >= 14))
    return good('process groups', 'The kernel ends a whole group of processes at once.')
  return weak(
    'process groups',
    `Linux ${kernel} has no cgroup.kill.`,
    'Programs of a session are ended one by one; one that starts others quickly takes longer.',
    'Use Linux 5.14 or newer.',
  )
}

function judgeGate({ gate, agentRuns }: EndsReading): Finding {
  if (gate) return good('second lock', "The second lock stands in sudo's log-in steps.")
  const means = 'After the deadline only sudo itself refuses, not a second lock beside it.'
  return agentRuns
    ? broken('second lock', 'Somebody removed the second lock.', means, 'Restart the agent: it puts it back.')
    : weak('second lock', 'The second lock is not in place.', means, 'Start the agent: it puts it there.')
}

function judgeLogind({ systemd, logind }: EndsReading): Finding {
  if (logind) return good('log-off', 'The system knows who is logged on.')
  return weak(
    'log-off',
    systemd
      ? 'systemd runs without logind.'
      : 'There is no systemd, so nobody keeps a list of who is logged on.',
    'A log-off is noticed by the terminals and processes that are left, not at once.',
    'Nothing must be done; where there is logind, let it run.',
  )
}
