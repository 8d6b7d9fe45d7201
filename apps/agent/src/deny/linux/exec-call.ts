import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'

/** What a thread that waits inside `execve` asked for. */
export interface ExecCall {
  /** A name for the file, below `/proc`, by which it can be looked at; nothing of it was checked. */
  readonly file: string
  /** Read only when asked for, while the thread still waits: most programs are allowed. */
  readonly argumentsNow: () => Arguments
}

export interface Arguments {
  readonly argv: readonly string[]
  /** There were more, or longer, arguments than are read. */
  readonly argvCut: boolean
}

interface CallForm {
  readonly hasFolder: boolean
  readonly pointerBytes: 4 | 8
}

/** By number, of x86-64, i386, arm64 and arm. A thread that waits to run a file can be in no other call. */
const callForms: ReadonlyMap<number, CallForm> = new Map([
  [59, { hasFolder: false, pointerBytes: 8 }],
  [322, { hasFolder: true, pointerBytes: 8 }],
  [221, { hasFolder: false, pointerBytes: 8 }],
  [281, { hasFolder: true, pointerBytes: 8 }],
  [11, { hasFolder: false, pointerBytes: 4 }],
  [358, { hasFolder: true, pointerBytes: 4 }],
  [387, { hasFolder: true, pointerBytes: 4 }],
])

const mostArguments = 256
const mostArgumentBytes = 16 << 10
const longestPath = 4096
const currentFolder = 0xffff_ff9cn

/** Null when the thread is in no such call, or the kernel does not show it; then nothing may be concluded. */
export function readExecCall(tid: number): ExecCall | null {
  try {
    const fields = readSystemCall(tid).split(' ')
    const form = callForms.get(Number(fields[0]))
    if (form === undefined) return null
    const values = fields.slice(1, 6).map((field) => BigInt(field))
    return callFrom(tid, form, values)
  } catch {
    return null
  }
}

const mostLooks = 100
const looksAtOnce = 10
const betweenLooksMs = 0.1
const nothing = new Int32Array(new SharedArrayBuffer(4))

/** The thread has asked, and goes to sleep for the answer; until it does the kernel only says that it runs. */
function readSystemCall(tid: number): string {
  for (let look = 0; look < mostLooks; look++) {
    const text = readFileSync(`/proc/${tid}/syscall`, 'latin1')
    if (!text.startsWith('running')) return text
    if (look >= looksAtOnce) Atomics.wait(nothing, 0, 0, betweenLooksMs)
  }
  return ''
}

function callFrom(tid: number, form: CallForm, values: readonly bigint[]): ExecCall | null {
  const [folder = 0n, ...rest] = form.hasFolder ? values : [currentFolder, ...values]
  const [name = 0n, list = 0n] = rest
  const found = withMemory(tid, (memory) => memory.text(name, longestPath))
  if (found === null) return null
  return {
    file: fileBelowProc(tid, folder & 0xffff_ffffn, found.text),
    argumentsNow: () => {
      try {
        return withMemory(tid, (memory) => argumentsOf(form, list, memory))
      } catch {
        // Killed while it waited.
        return { argv: [], argvCut: true }
      }
    },
  }
}

function fileBelowProc(tid: number, folder: bigint, name: string): string {
  if (name.startsWith('/proc/self/')) return `/proc/${tid}/${name.slice('/proc/self/'.length)}`
  if (name.startsWith('/')) return `/proc/${tid}/root${name}`
  const from = folder === currentFolder ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${folder}`
  return name === '' ? from : `${from}/${name}`
}

function argumentsOf({ pointerBytes }: CallForm, start: bigint, memory: Memory): Arguments {
  const argv: string[] = []
  let left = mostArgumentBytes
  for (let at = 0; at < mostArguments; at++) {
    const address = memory.pointer(start + BigInt(at * pointerBytes), pointerBytes)
    if (address === null) return { argv, argvCut: true }
    if (address === 0n) return { argv, argvCut: false }
    const found = memory.text(address, left)
    if (found === null) return { argv, argvCut: true }
    argv.push(found.text)
    left -= found.text.length
    if (found.cut || left <= 0) return { argv, argvCut: true }
  }
  return { argv, argvCut: true }
}

/** The arguments a process was started with. */
export function readCommandLine(tid: number): Arguments {
  try {
    const text = readFileSync(`/proc/${tid}/cmdline`)
    const kept = text.subarray(0, mostArgumentBytes).toString('utf8').split('\0')
    if (kept.at(-1) === '') kept.pop()
    const argv = kept.slice(0, mostArguments)
    return { argv, argvCut: argv.length < kept.length || text.length > mostArgumentBytes }
  } catch {
    return { argv: [], argvCut: true }
  }
}

export function statOrNull(path: string): { readonly dev: bigint; readonly ino: bigint } | null {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return null
  }
}

interface Memory {
  pointer(address: bigint, bytes: 4 | 8): bigint | null
  text(address: bigint, longest: number): { readonly text: string; readonly cut: boolean } | null
}

function withMemory<T>(tid: number, use: (memory: Memory) => T): T {
  const fd = openSync(`/proc/${tid}/mem`, 'r')
  const read = (address: bigint, length: number): Buffer => {
    const into = Buffer.alloc(length)
    return into.subarray(0, readSync(fd, into, 0, length, address))
  }
  try {
    return use({
      pointer: (address, bytes) => {
        const found = read(address, bytes)
        if (found.length < bytes) return null
        return bytes === 8 ? found.readBigUInt64LE() : BigInt(found.readUInt32LE())
      },
      text: (address, longest) => textAt(read, address, longest),
    })
  } finally {
    closeSync(fd)
  }
}

const pageBytes = 4096n

/** Reads page by page: the next one may not exist. */
function textAt(
  read: (address: bigint, length: number) => Buffer,
  address: bigint,
  longest: number,
): { text: string; cut: boolean } | null {
  const parts: Buffer[] = []
  let left = longest
  for (let at = address; left > 0; ) {
    const length = Math.min(left, Number(pageBytes - (at % pageBytes)))
    const part = read(at, length)
    if (part.length === 0) return null
    const end = part.indexOf(0)
    parts.push(end === -1 ? part : part.subarray(0, end))
    if (end !== -1) return { text: Buffer.concat(parts).toString('utf8'), cut: false }
    at += BigInt(part.length)
    left -= part.length
  }
  return { text: Buffer.concat(parts).toString('utf8'), cut: true }
}
