/** Kernel interfaces that look like file systems and hold no programs. `autofs` would mount what nobody uses. */
const withoutPrograms = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'efivarfs',
  'fusectl',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'sysfs',
  'tracefs',
])

/** One mount point for every file system that can hold programs; reads `/proc/self/mountinfo`. */
export function mountPoints(mountinfo: string): readonly string[] {
  const found = new Map<string, string>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const fields = before.split(' ')
    const device = fields[2] ?? ''
    const point = fields[4] ?? ''
    if (point === '' || withoutPrograms.has(after.split(' ')[0] ?? '')) continue
    // All of them: what lies under a later mount cannot be reached by its name, and a second mark costs nothing.
    found.set(`${device} ${point}`, plainPath(point))
  }
  return [...new Set(found.values())]
}

/** Blank, tab, newline and backslash are written as three octal digits. */
function plainPath(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
