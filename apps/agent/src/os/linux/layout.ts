/** Every path the Linux backend writes. Another `name` gives a second, independent installation. */
export interface Layout {
  readonly name: string
  /** Forgotten at reboot (tmpfs), which is what ends everything in it. */
  readonly run: string
  readonly sudoersDir: string
  /** Deadlines for the second lock, one file per uid. Readable by polkit. */
  readonly gateDir: string
  /** Which process group a uid's elevated processes belong in, one file per uid. */
  readonly groupDir: string
  readonly socketDir: string
  readonly sudoersInclude: string
  readonly pamService: string
  readonly pamFile: string
  readonly pamPolkit: string
  readonly vendorPamPolkit: string
  readonly helperDir: string
  readonly gateHelper: string
  readonly joinHelper: string
  readonly tmpfiles: string
  readonly polkitRules: string
  readonly polkitPrefix: string
}

/** @param name lower-case letters and digits; it becomes part of file names that sudo and polkit read */
export function layout(name = 'stint'): Layout {
  if (!/^[a-z][a-z0-9]{0,15}$/.test(name)) throw new TypeError(`not a name for an installation: ${name}`)
  const run = `/run/${name}`
  const helperDir = `/usr/lib/${name}`
  return {
    name,
    run,
    sudoersDir: `${run}/sudoers.d`,
    gateDir: `${run}/until`,
    groupDir: `${run}/group`,
    socketDir: `${run}/u`,
    sudoersInclude: `/etc/sudoers.d/zz-${name}`,
    pamService: `${name}-sudo`,
    pamFile: `/etc/pam.d/${name}-sudo`,
    pamPolkit: '/etc/pam.d/polkit-1',
    vendorPamPolkit: '/usr/lib/pam.d/polkit-1',
    helperDir,
    gateHelper: `${helperDir}/gate`,
    joinHelper: `${helperDir}/join`,
    tmpfiles: `/etc/tmpfiles.d/${name}.conf`,
    polkitRules: '/etc/polkit-1/rules.d',
    polkitPrefix: `00-${name}-`,
  }
}

const sessionIdForm = /^[A-Za-z0-9_-]{1,64}$/

/** A session id becomes part of file names: no dot (sudo would skip the file), no slash. */
export function isSessionId(text: string): boolean {
  return sessionIdForm.test(text)
}

export function sudoersFile(paths: Layout, uid: number, sessionId: string): string {
  return `${paths.sudoersDir}/s_${uid}_${sessionId}`
}

/** Process without which the person may not act; beside the deadline, for the same lock. */
export function whileFile(paths: Layout, uid: number): string {
  return `${paths.gateDir}/${uid}.while`
}

export function polkitFile(paths: Layout, uid: number, sessionId: string): string {
  return `${paths.polkitRules}/${paths.polkitPrefix}${uid}-${sessionId}.rules`
}

export function sessionOfSudoersFile(fileName: string): { uid: number; sessionId: string } | null {
  const match = /^s_(\d+)_([A-Za-z0-9_-]{1,64})$/.exec(fileName)
  return match ? { uid: Number(match[1]), sessionId: match[2] ?? '' } : null
}

export function sessionOfPolkitFile(
  paths: Layout,
  fileName: string,
): { uid: number; sessionId: string } | null {
  if (!fileName.startsWith(paths.polkitPrefix)) return null
  const match = /^(\d+)-([A-Za-z0-9_-]{1,64})\.rules$/.exec(fileName.slice(paths.polkitPrefix.length))
  return match ? { uid: Number(match[1]), sessionId: match[2] ?? '' } : null
}
