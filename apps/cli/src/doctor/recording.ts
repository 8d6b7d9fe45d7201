import { weaknesses } from '@stint/elevation'
import { broken, type Finding, good, unseen, weak } from './finding.ts'
import type { System } from './system.ts'

export interface RecordingReading {
  /** The kernel keeps a login id for every process; null where it does not know one. */
  readonly loginUid: string | null
  readonly commandLine: string
  /** What `auditctl -s` and `auditctl -l` say; null for others than root or without the program. */
  readonly status: string | null
  readonly rules: string | null
  readonly isRoot: boolean
  /** Name of the process that has the kernel's records. */
  readonly holder: string | null
  readonly connector: boolean
  /** The kernel can ask before a program starts; null when nothing tells. */
  readonly fanotify: boolean | null
  /** Why native calls do not load; null when they do. */
  readonly nativeProblem: string | null
}

const permissionOption =
  /^CONFIG_FANOTIFY_ACCESS_PERMISSIONS=(y|n)|^# CONFIG_FANOTIFY_ACCESS_PERMISSIONS is not set/m
/** Run in the agent's folder, which is the one that has it. */
const loadsLibrary = "const has = require; has('koffi').load('libc.so.6')"

/** @param kernel as `uname -r` says; `home` and `node` of this installation */
export async function readRecording(
  system: System,
  { kernel, home, node }: { readonly kernel: string; readonly home: string; readonly node: string },
): Promise<RecordingReading> {
  const ask = (flag: string) => (system.isRoot ? system.run('auditctl', [flag]) : Promise.resolve(null))
  const [status, rules] = [await ask('-s'), await ask('-l')]
  const pid = /^pid (\d+)$/m.exec(status?.text ?? '')?.[1] ?? '0'
  const option = permissionOption.exec(system.text(`/boot/config-${kernel}`) ?? '')
  const loaded = await system.run(node, ['-e', loadsLibrary], `${home}/apps/agent`)
  return {
    loginUid: system.text('/proc/self/loginuid'),
    commandLine: system.text('/proc/cmdline') ?? '',
    status: status?.status === 0 ? status.text : null,
    rules: rules?.status === 0 ? rules.text : null,
    isRoot: system.isRoot,
    holder: pid === '0' ? null : nameOf(system, pid),
    connector: system.exists('/proc/net/connector'),
    fanotify: option ? option[1] === 'y' : null,
    nativeProblem: loaded?.status === 0 ? null : (lastLine(loaded?.text) ?? 'it cannot be started'),
  }
}

/** An agent runs on Node, whose name says nothing. */
function nameOf(system: System, pid: string): string | null {
  const isAgent = /\bagent\/(?:src|dist)\/main\.[tj]s\0/.test(system.text(`/proc/${pid}/cmdline`) ?? '')
  return isAgent ? 'The agent' : (system.text(`/proc/${pid}/comm`)?.trim() ?? null)
}

function lastLine(text: string | undefined): string | undefined {
  return text?.split('\n').find((line) => /^\w*Error\b/.test(line))
}

export function judgeRecording(reading: RecordingReading): readonly Finding[] {
  return [
    judgeAudit(reading),
    judgeLoginId(reading),
    judgeEnds(reading),
    judgeDenying(reading),
    judgeNative(reading),
  ]
}

function judgeAudit({ loginUid, commandLine, status, rules, holder, isRoot }: RecordingReading): Finding {
  const unrecorded = (found: string, next: string) =>
    broken(
      'audit',
      found,
      `${weaknesses['not-recorded']} The organisation sees that rights were used, not for what.`,
      next,
    )
  if (loginUid === null)
    return unrecorded('The kernel has no audit.', 'Use a kernel with CONFIG_AUDIT and CONFIG_AUDITSYSCALL.')
  if (/(?:^|\s)audit=(?:0|off)(?:\s|$)/.test(commandLine))
    return unrecorded(
      'Audit is switched off at the start of the kernel.',
      'Remove audit=0 from the kernel command line.',
    )
  if (status === null)
    return unseen(
      'audit',
      'The kernel has audit; its settings were not looked at.',
      isRoot
        ? 'Install auditctl (package auditd or audit) to look at them here; Stint does not need it.'
        : undefined,
    )
  if (/^enabled 2$/m.test(status))
    return unrecorded(
      'The audit rules are locked until the next start.',
      'Remove "-e 2" from the audit rules and restart.',
    )
  if (/^-a (?:never,task|task,never)\b/m.test(rules ?? ''))
    return unrecorded(
      'An audit rule switches recording off for all programs.',
      'Remove "-a never,task" from /etc/audit/rules.d and restart.',
    )
  return holder === null || holder === 'The agent'
    ? good('audit', 'The kernel can hand its records to Stint.')
    : good('audit', `${holder} has the kernel's records; Stint reads along.`)
}

function judgeLoginId({ loginUid, status }: RecordingReading): Finding {
  if (loginUid === null)
    return broken(
      'login id',
      'Processes have no login id.',
      'Nothing says whose programs they are.',
      'Use a kernel with audit.',
    )
  if (status === null) return unseen('login id', 'Whether login ids are fixed was not looked at.')
  return /^loginuid_immutable 1/m.test(status)
    ? good('login id', 'Nobody can change the login id of a process.')
    : weak(
        'login id',
        'Root can change the login id of a process.',
        'Somebody with full rights can start programs that are not recorded as his.',
        'Add "--loginuid-immutable" to the audit rules, where no container manager needs to set it.',
      )
}

function judgeEnds({ connector }: RecordingReading): Finding {
  return connector
    ? good('ends', 'The kernel reports the ends of programs.')
    : weak(
        'ends',
        'The kernel does not report the ends of programs.',
        'Starts are recorded; when a program ended, and how, is not known.',
        'Use a kernel with CONFIG_PROC_EVENTS.',
      )
}

function judgeDenying({ fanotify }: RecordingReading): Finding {
  if (fanotify === null)
    return unseen(
      'denying',
      'Nothing here tells whether the kernel asks before a program starts.',
      'Every session says whether denied programs were kept from starting; see it in the console.',
    )
  return fanotify
    ? good('denying', 'The kernel asks before a program starts: denied programs are kept from starting.')
    : weak(
        'denying',
        'The kernel does not ask before a program starts.',
        'Where policy denies programs, nobody gets administrator rights on this computer.',
        'Use a kernel with CONFIG_FANOTIFY_ACCESS_PERMISSIONS.',
      )
}

function judgeNative({ nativeProblem }: RecordingReading): Finding {
  return nativeProblem === null
    ? good('native calls', 'The part that talks to the kernel loads.')
    : broken(
        'native calls',
        `The part that talks to the kernel does not load: ${nativeProblem}`,
        weaknesses['not-recorded'],
        'Install Stint for this machine and C library, then `npm ci`.',
      )
}
