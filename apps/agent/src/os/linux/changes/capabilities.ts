import koffi from 'koffi'

/**
 * File capabilities (capabilities(7), "File capability extended attribute versioning"): little-endian words
 * `magic, permitted, inheritable, permitted high, inheritable high`, then the root uid of a user namespace.
 */
const attribute = 'security.capability'
const longestBytes = 24
const shortestBytes = 12
const effectiveFlag = 1
const noData = 61
const notSupported = 95

const names = [
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service',
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct',
  'sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap',
  'mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore',
]
  .join(' ')
  .split(' ')

export interface FileCapabilities {
  /** Null when the file has none. @throws Error with `code` when the kernel does not say */
  read(path: string | Buffer): string | null
  /** @throws Error with `code` when they stay */
  remove(path: string): void
}

/**
 * Links are not followed unless asked, as for the path of an open file.
 * @throws when the native library cannot be loaded on this computer
 */
export function fileCapabilities({ follow = false } = {}): FileCapabilities {
  const libc = koffi.load('libc.so.6')
  const getter = follow ? 'getxattr' : 'lgetxattr'
  const getxattr = libc.func(`int64_t ${getter}(const uint8_t *, const char *, _Out_ uint8_t *, size_t)`)
  const removexattr = libc.func('int removexattr(const char *, const char *)')
  return {
    read(path) {
      const value = new Uint8Array(longestBytes)
      const length = Number(getxattr(terminated(path), attribute, value, value.length))
      if (length >= 0) return capabilityText(value.subarray(0, length))
      const errno = koffi.errno()
      if (errno === noData || errno === notSupported) return null
      throw failed(String(path), errno)
    },
    remove(path) {
      if (removexattr(path, attribute) !== 0) throw failed(path, koffi.errno())
    },
  }
}

/** A path may hold any byte but this one. */
function terminated(path: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(path as string), Buffer.alloc(1)])
}

/** Example: `cap_net_raw, effective at start`. */
export function capabilityText(value: Uint8Array): string {
  if (value.length < shortestBytes) return 'capabilities of an unknown form'
  const words = new DataView(value.buffer, value.byteOffset, value.length)
  const word = (at: number): bigint =>
    at * 4 + 4 <= value.length ? BigInt(words.getUint32(at * 4, true)) : 0n
  const listed = (bits: bigint): string =>
    Array.from({ length: 64 }, (_, bit) => bit)
      .filter((bit) => (bits >> BigInt(bit)) & 1n)
      .map((bit) => `cap_${names[bit] ?? bit}`)
      .join(' ')
  const permitted = listed(word(1) | (word(3) << 32n))
  const inheritable = listed(word(2) | (word(4) << 32n))
  const effective = words.getUint32(0, true) & effectiveFlag ? ', effective at start' : ''
  return `${permitted || 'none'}${effective}${inheritable && `, inheritable ${inheritable}`}`
}

function failed(path: string, errno: number): Error {
  return Object.assign(new Error(`${path}: errno ${errno}`), {
    code: errno === 2 ? 'ENOENT' : `errno ${errno}`,
  })
}
