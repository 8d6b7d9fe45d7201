/** Reading the kernel's audit records. Pure: text in, facts out. */
import { isAscii } from 'node:buffer'

export const recordType = {
  login: 1006,
  configChange: 1305,
  syscall: 1300,
  cwd: 1307,
  execve: 1309,
  endOfEvent: 1320,
} as const

/** Types whose body is read; of all others only the number counts. */
export const readTypes: ReadonlySet<number> = new Set(Object.values(recordType))

export interface RecordHead {
  readonly serial: number
  readonly wallMs: number
  /** `<seconds>.<ms>:<serial>` as the kernel wrote it. */
  readonly id: string
  readonly body: string
}

const opening = 'audit('

/**
 * `audit(1795321616.035:1234): …`; `null` for anything else (answers to questions, for one).
 * @param before the record before this one: most often of the same event, and then only the body is read
 */
export function readHead(text: string, before: RecordHead | null = null): RecordHead | null {
  if (before !== null && text.startsWith(before.id, opening.length)) {
    const rest = opening.length + before.id.length
    if (text.startsWith(opening) && text.startsWith('): ', rest))
      return { ...before, body: text.slice(rest + 3) }
  }
  const match = /^audit\(((\d+)\.(\d{3}):(\d+))\): ?/.exec(text)
  if (!match) return null
  return {
    serial: Number(match[4]),
    wallMs: Number(match[2]) * 1000 + Number(match[3]),
    id: match[1] ?? '',
    body: text.slice(match[0].length),
  }
}

/** The raw value of `name=…`. Values hold no blanks: the kernel writes text with blanks in hex. */
export function rawField(body: string, name: string): string | null {
  const at = body.startsWith(`${name}=`) ? 0 : body.indexOf(` ${name}=`) + 1
  if (at === 0 && !body.startsWith(`${name}=`)) return null
  const from = at + name.length + 1
  const blank = body.indexOf(' ', from)
  return blank < 0 ? withoutEnd(body.slice(from)) : body.slice(from, blank)
}

/** Records end in a newline or a NUL, or in neither. */
function withoutEnd(text: string): string {
  return text.replace(/[\n\0]+$/, '')
}

/** `"text"` or upper-case hex; `null` for `(null)` and whatever else the kernel could not say. */
export function readBytes(raw: string): Buffer | null {
  if (raw.length >= 2 && raw.startsWith('"') && raw.endsWith('"'))
    return Buffer.from(raw.slice(1, -1), 'latin1')
  return /^(?:[0-9A-F]{2})*$/.test(raw) ? Buffer.from(raw, 'hex') : null
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text without losing any: what is not UTF-8 is written `\xNN`, and then a backslash is doubled. */
export function asText(bytes: Uint8Array): { readonly text: string; readonly escaped: boolean } {
  if (isAscii(bytes)) return { text: inLatin1(bytes), escaped: false }
  try {
    return { text: utf8.decode(bytes), escaped: false }
  } catch {
    const one = (byte: number): string =>
      byte === 0x5c
        ? '\\\\'
        : byte < 0x80
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, '0')}`
    return { text: Array.from(bytes, one).join(''), escaped: true }
  }
}

/** Quicker than to decode UTF-8, and the same where all are ASCII: nearly always. */
function inLatin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}

interface Argument {
  readonly parts: Buffer[]
  /** Length that the kernel announced for a long argument, of its bytes or of their hex, whichever it wrote. */
  announced: number | null
  written: number
}

/** Collects the arguments of one event from its EXECVE records, in any number and split anywhere. */
export class ArgumentCollector {
  #count = 0
  readonly #arguments = new Map<number, Argument>()
  #sound = true

  add(body: string): void {
    for (const token of withoutEnd(body).split(' ')) {
      const equals = token.indexOf('=')
      const name = token.slice(0, equals)
      const value = token.slice(equals + 1)
      const match = /^a(\d+)(?:\[(\d+)\]|(_len))?$/.exec(name)
      if (name === 'argc') this.#count = Number(value)
      else if (match?.[3]) this.#argument(match).announced = Number(value)
      else if (match) this.#addPart(this.#argument(match), Number(match[2] ?? 0), value)
    }
  }

  #argument(match: RegExpExecArray): Argument {
    const at = Number(match[1])
    const known = this.#arguments.get(at) ?? { parts: [], announced: null, written: 0 }
    this.#arguments.set(at, known)
    return known
  }

  #addPart(argument: Argument, part: number, value: string): void {
    const bytes = readBytes(value)
    if (bytes === null || part !== argument.parts.length) this.#sound = false
    argument.parts.push(bytes ?? Buffer.alloc(0))
    argument.written += value.startsWith('"') ? value.length - 2 : value.length
  }

  /** `null` when a part is missing. */
  finish(): readonly Buffer[] | null {
    if (!this.#sound || this.#arguments.size !== this.#count) return null
    const found: Buffer[] = []
    for (let at = 0; at < this.#count; at++) {
      const argument = this.#arguments.get(at)
      if (argument === undefined) return null
      const { parts, announced, written } = argument
      const [only] = parts
      if (only === undefined) return null
      const whole = parts.length === 1 ? only : Buffer.concat(parts)
      if (announced !== null && announced !== written && announced !== whole.length) return null
      found.push(whole)
    }
    return found
  }
}
