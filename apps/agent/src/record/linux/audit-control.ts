import type { Native } from './native.ts'
import { NetlinkDialogue, openNetlink } from './netlink.ts'

/** Numbers of linux/audit.h. */
export const auditProtocol = 9
const getStatus = 1000
const setStatus = 1001
const addRule = 1011
const removeRule = 1012
const listRules = 1013

const maskEnabled = 1
const maskPid = 4
const maskRateLimit = 8
const maskBacklogLimit = 16
const statusBytes = 40

const filterTask = 1
const filterExit = 4
const prepend = 0x10
const actionNever = 0
const actionAlways = 2
const maxFields = 64
const maskWords = 64
const ruleBytes = 4 * (3 + maskWords + 3 * maxFields + 1)

const equal = 0x4000_0000
const notEqual = 0x3000_0000
const field = { euid: 2, loginUid: 9, arch: 11, success: 104, key: 210 } as const

export interface AuditStatus {
  /** 0 off, 1 on, 2 on and locked until reboot. */
  readonly enabled: number
  /** Process that receives the records, 0 for none. */
  readonly pid: number
  /** Records in a second that the kernel lets through; 0 for all. */
  readonly rateLimit: number
  readonly backlogLimit: number
  /** Records that the kernel itself dropped since boot. */
  readonly lost: number
}

/** How one machine calls "run a program": AUDIT_ARCH_* with the numbers of execve and execveat. */
interface ExecCalls {
  readonly arch: number
  readonly numbers: readonly [execve: number, execveat: number]
}

const execCalls: Readonly<Record<string, readonly ExecCalls[]>> = {
  x64: [
    { arch: 0xc000_003e, numbers: [59, 322] },
    { arch: 0x4000_0003, numbers: [11, 358] },
  ],
  arm64: [
    { arch: 0xc000_00b7, numbers: [221, 281] },
    { arch: 0x4000_0028, numbers: [11, 387] },
  ],
}

/**
 * The rules that record one person: each program started successfully with his login id and another effective uid,
 * once for 64-bit and once for 32-bit programs.
 * @param key names the rules as ours; at most 31 characters
 */
export function execRules(uid: number, key: string, machine: string): readonly Uint8Array[] {
  return (execCalls[machine] ?? []).map(({ arch, numbers }) =>
    encodeRule(
      [
        [field.arch, equal, arch],
        [field.loginUid, equal, uid],
        [field.euid, notEqual, uid],
        [field.success, equal, 1],
        [field.key, equal, key.length],
      ],
      numbers,
      key,
    ),
  )
}

export function knowsMachine(machine: string): boolean {
  return machine in execCalls
}

/** struct audit_rule_data: flags, action, count, mask[64], fields[64], values[64], operators[64], length, text. */
function encodeRule(
  fields: readonly (readonly [field: number, operator: number, value: number])[],
  calls: readonly number[],
  key: string,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(ruleBytes + key.length))
  view.setUint32(0, filterExit, true)
  view.setUint32(4, actionAlways, true)
  view.setUint32(8, fields.length, true)
  for (const call of calls) {
    const at = 12 + 4 * Math.floor(call / 32)
    view.setUint32(at, view.getUint32(at, true) | (1 << (call % 32)), true)
  }
  const fieldsAt = 12 + 4 * maskWords
  for (const [index, [name, operator, value]] of fields.entries()) {
    view.setUint32(fieldsAt + 4 * index, name, true)
    view.setUint32(fieldsAt + 4 * (maxFields + index), value, true)
    view.setUint32(fieldsAt + 4 * (2 * maxFields + index), operator, true)
  }
  view.setUint32(ruleBytes - 4, key.length, true)
  const bytes = new Uint8Array(view.buffer)
  bytes.set(Buffer.from(key, 'latin1'), ruleBytes)
  return bytes
}

/** A rule as the kernel lists it; `bytes` is what removes it again. */
export interface AuditRule {
  readonly bytes: Uint8Array
  readonly key: string
  /** True for "never look at any task", which silences every other rule for all programs started since. */
  readonly silencesTasks: boolean
}

/**
 * Reads a listed rule. Netlink pads messages, so the rule's own length counts. A rule's texts stand one after the
 * other; the key is the last of them because everybody, the kernel's own tools too, writes it last.
 */
export function decodeRule(payload: Uint8Array): AuditRule {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const bytes = payload.slice(0, ruleBytes + view.getUint32(ruleBytes - 4, true))
  const count = view.getUint32(8, true)
  const fieldsAt = 12 + 4 * maskWords
  let key = ''
  for (let index = 0; index < count; index++) {
    if (view.getUint32(fieldsAt + 4 * index, true) !== field.key) continue
    const length = view.getUint32(fieldsAt + 4 * (maxFields + index), true)
    key = Buffer.from(bytes.subarray(bytes.length - length)).toString('latin1')
  }
  const filter = view.getUint32(0, true) & ~prepend
  const silencesTasks = filter === filterTask && view.getUint32(4, true) === actionNever
  return { bytes, key, silencesTasks }
}

export function decodeStatus(payload: Buffer): AuditStatus {
  return {
    enabled: payload.readUInt32LE(4),
    pid: payload.readUInt32LE(12),
    rateLimit: payload.readUInt32LE(16),
    backlogLimit: payload.readUInt32LE(20),
    lost: payload.readUInt32LE(24),
  }
}

function encodeStatus(mask: number, at: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(statusBytes))
  view.setUint32(0, mask, true)
  view.setUint32(at, value, true)
  return new Uint8Array(view.buffer)
}

/** Reading and changing the kernel's audit. Every call throws `NetlinkRefusal` when the kernel says no. */
export class AuditControl {
  readonly #native: Native
  readonly #fd: number
  readonly #dialogue: NetlinkDialogue

  constructor(native: Native) {
    this.#native = native
    this.#fd = openNetlink(native, auditProtocol, 0)
    this.#dialogue = new NetlinkDialogue(native, this.#fd)
  }

  status(): AuditStatus {
    const [answer] = this.#dialogue.ask(getStatus, new Uint8Array(), { expect: 'one' })
    if (answer === undefined) throw new TypeError('the kernel answered without a status')
    return decodeStatus(answer.payload)
  }

  setEnabled(enabled: number): void {
    this.#dialogue.ask(setStatus, encodeStatus(maskEnabled, 4, enabled))
  }

  setRateLimit(records: number): void {
    this.#dialogue.ask(setStatus, encodeStatus(maskRateLimit, 16, records))
  }

  setBacklogLimit(records: number): void {
    this.#dialogue.ask(setStatus, encodeStatus(maskBacklogLimit, 20, records))
  }

  rules(): readonly AuditRule[] {
    return this.#dialogue
      .ask(listRules, new Uint8Array(), { expect: 'list' })
      .map((answer) => decodeRule(answer.payload))
  }

  /** Puts the rule in front of all others, so that none of them can swallow its events. */
  addRule(rule: Uint8Array): void {
    const inFront = rule.slice()
    inFront[0] = filterExit | prepend
    this.#dialogue.ask(addRule, inFront)
  }

  removeRule(rule: Uint8Array): void {
    this.#dialogue.ask(removeRule, rule)
  }

  close(): void {
    this.#native.close(this.#fd)
  }
}

/**
 * Makes this socket the receiver of the kernel's records. The kernel takes the sending socket as receiver, so this
 * must be asked on the socket that will read. Records that arrive before the answer are handed to `other`.
 * @throws NetlinkRefusal with `EEXIST` when another process is the receiver
 */
export function becomeReceiver(
  native: Native,
  fd: number,
  pid: number,
  other: (datagram: Buffer) => void,
): void {
  new NetlinkDialogue(native, fd).ask(setStatus, encodeStatus(maskPid, 12, pid), { other })
}
