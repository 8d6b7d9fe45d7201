import type { Layout } from './layout.ts'

/** Marks our line in a PAM file that belongs to somebody else. */
export function pamMark(paths: Layout): string {
  return `# ${paths.name}: elevated processes join their session's process group`
}

/** The same for every installation: the first makes the copy, the last takes it away. */
const copyMark = '# copied by stint; removed with its last line\n'

/** A copy of the vendor's PAM file, to carry our line: the vendor's own folder is not ours to write. */
export function copyOfVendor(vendor: string): string {
  return copyMark + vendor
}

function joinLine(paths: Layout): string {
  return `session  required  pam_exec.so seteuid quiet type=open_session ${paths.joinHelper}`
}

/**
 * The PAM service that only people in a session get.
 * `pam_loginuid` in the account phase is deliberate: sudo's PAM user is the caller there (in the session phase it is
 * the target, usually root), so a caller whose login id was never set (`su`, `runuser`) gets his own before the
 * program starts, and the kernel's records name him. The join comes first: an included `sufficient` cannot skip it.
 */
export function pamService(paths: Layout): string {
  return `#%PAM-1.0
# Written by ${paths.name}. Used only for people with a session, through pam_service in their sudoers rule.
account  required  pam_exec.so seteuid quiet ${paths.gateHelper}
account  required  pam_loginuid.so
${joinLine(paths)}
auth     include   sudo
account  include   sudo
session  include   sudo
`
}

/** Adds our line to polkit's PAM service. Text that already has it comes back unchanged. */
export function joinPolkit(paths: Layout, pam: string): string {
  return pam.includes(pamMark(paths)) ? pam : `${pamMark(paths)}\n${joinLine(paths)}\n${pam}`
}

/** Takes exactly our lines out again. */
export function leavePolkit(paths: Layout, pam: string): string {
  const ours = new Set([pamMark(paths), joinLine(paths)])
  return pam
    .split('\n')
    .filter((line) => !ours.has(line))
    .join('\n')
}

const realUidOfParent = `while read -r key real rest; do [ "$key" = Uid: ] && break; done < "/proc/$PPID/status"`

/**
 * The second lock: closed when the session's file is gone, its time since boot has passed, the uid has another name
 * than the session was given to, or a process that the session needs no longer runs; one that began at another time
 * is not it. Called by PAM (the parent is sudo, whose real uid is the caller, and which says his name) and by polkit
 * (uid as argument; its rule has looked at the name). Needs no program and no clock that can be turned. A deadline of
 * 12.5 s closes at 12 s.
 */
export function gateScript(paths: Layout): string {
  return `#!/bin/sh
# Written by ${paths.name}: may this person still act as an administrator?
real=$1
if [ -z "$real" ]; then
  ${realUidOfParent}
fi
read -r ends name < "${paths.gateDir}/$real" || exit 1
[ -n "$1" ] || [ "$PAM_RUSER" = "$name" ] || exit 1
needed="${paths.gateDir}/$real.while"
if [ -e "$needed" ]; then
  read -r pid began < "$needed" && IFS= read -r stat < "/proc/$pid/stat" || exit 1
  set -- \${stat##*) }
  [ "\${20}" = "$began" ] || exit 1
fi
read -r up rest < /proc/uptime || exit 1
[ "\${up%.*}" -lt "$ends" ]
`
}

/**
 * Puts sudo or pkexec itself, and so all it starts, into the session's process group; the parent is that program.
 * Answering 1 refuses the elevation: no process may run elevated that we could neither record nor end.
 */
export function joinScript(paths: Layout): string {
  return `#!/bin/sh
# Written by ${paths.name}: puts an elevated program into its session's process group.
${realUidOfParent}
if ! read -r group < "${paths.groupDir}/$real" 2>/dev/null; then
  [ "$PAM_SERVICE" != "${paths.pamService}" ]
  exit
fi
if [ -e "/proc/$PPID/loginuid" ]; then
  read -r login < "/proc/$PPID/loginuid"
  [ "$login" = "$real" ] || exit 1
fi
echo "$PPID" > "$group/cgroup.procs"
`
}

/** systemd-tmpfiles removes polkit rules of sessions that a reboot ended, before anybody can log in. */
export function tmpfilesLine(paths: Layout): string {
  return `r! ${paths.polkitRules}/${paths.polkitPrefix}*.rules\n`
}
