import type { ProcessRow } from '../../api/sessions.ts'

/** The shell that PAM runs before each elevated program, to put it into its session's process group. */
const script = /^\/usr\/lib\/stint[0-9a-z-]*\/join$/
const shells: readonly string[] = ['/bin/sh', '/usr/bin/sh', '/bin/dash', '/usr/bin/dash']

/**
 * The processes apart from Stint's own hook, and how many of them are the hook. Only a shell that was given nothing
 * but the hook's file, went well and started nothing is taken for it: a program cannot be hidden behind that name.
 */
export function withoutOwnHook(processes: readonly ProcessRow[]): {
  readonly others: readonly ProcessRow[]
  readonly hooks: number
} {
  const parents = new Set(processes.map(({ parentPid }) => parentPid))
  const others = processes.filter((one) => !isHook(one) || parents.has(one.pid))
  return { others, hooks: processes.length - others.length }
}

function isHook({ program, args, argsCut, exitCode }: ProcessRow): boolean {
  const [, file = ''] = args
  return shells.includes(program) && args.length === 2 && script.test(file) && !argsCut && exitCode === 0
}
