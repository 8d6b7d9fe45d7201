import { ArgumentCollector, asText, type RecordHead, rawField, readBytes, recordType } from './audit-text.ts'

/** A program that started, as the kernel's records tell it. */
export interface ExecEvent {
  readonly kind: 'exec'
  readonly id: string
  readonly serial: number
  readonly startedAtMs: number
  readonly pid: number
  readonly ppid: number
  readonly auid: number
  readonly uid: number
  readonly exe: string
  readonly cwd: string
  readonly argv: readonly string[]
  readonly argvEscaped: readonly number[]
}

/** Somebody changed the kernel's audit. */
export interface ConfigEvent {
  readonly kind: 'config'
  readonly wallMs: number
  /** `weakened`: it drops more than it did, or what it dropped was taken off its count. */
  readonly change: 'rule-added' | 'rule-removed' | 'turned-off' | 'weakened'
  /** Key of the rule; empty for the others. */
  readonly key: string
}

/** A process took another login id than the person's, which only root can: its programs are nobody's from then on. */
export interface LoginEvent {
  readonly kind: 'login'
  readonly wallMs: number
  readonly pid: number
  /** Login id that it had. */
  readonly auid: number
}

/** An event of ours that lacks a part. */
export interface BrokenEvent {
  readonly kind: 'broken'
  readonly wallMs: number
  readonly detail: string
}

export type AuditEvent = ExecEvent | ConfigEvent | LoginEvent | BrokenEvent

interface Pending {
  readonly head: RecordHead
  syscall: string | null
  cwd: string | null
  readonly arguments: ArgumentCollector
  hasArguments: boolean
}

/** So many later events may begin before an unfinished one counts as broken. Parts arrive nearly in order. */
const patience = 512

/** Puts the records of each event together again. Feed it every record, in the order of arrival. */
export class EventAssembler {
  readonly #pending = new Map<number, Pending>()

  add(type: number, head: RecordHead): readonly AuditEvent[] {
    if (type === recordType.configChange) return asList(configEvent(head))
    if (type === recordType.login) return asList(loginEvent(head))
    if (type === recordType.endOfEvent) return asList(this.#finish(head.serial))
    if (type === recordType.syscall) this.#open(head).syscall = head.body
    else if (type === recordType.cwd) this.#open(head).cwd = head.body
    else if (type === recordType.execve) {
      const pending = this.#open(head)
      pending.arguments.add(head.body)
      pending.hasArguments = true
    }
    return this.#giveUp(head.serial)
  }

  #open(head: RecordHead): Pending {
    const known = this.#pending.get(head.serial)
    if (known) return known
    const fresh = { head, syscall: null, cwd: null, arguments: new ArgumentCollector(), hasArguments: false }
    this.#pending.set(head.serial, fresh)
    return fresh
  }

  #finish(serial: number): AuditEvent | null {
    const pending = this.#pending.get(serial)
    if (pending === undefined) return null
    this.#pending.delete(serial)
    return eventOf(pending)
  }

  /** An event whose end never came: its other parts may be missing too. */
  #giveUp(serial: number): readonly AuditEvent[] {
    const broken: AuditEvent[] = []
    for (const [old, { head }] of this.#pending) {
      if (serial - old < patience) break
      this.#pending.delete(old)
      broken.push({ kind: 'broken', wallMs: head.wallMs, detail: `The end of event ${old} never arrived.` })
    }
    return broken
  }
}

function eventOf(pending: Pending): AuditEvent | null {
  const { head, syscall } = pending
  // An event of somebody else's rule: another call, or one that failed.
  if (syscall !== null && (!pending.hasArguments || rawField(syscall, 'success') !== 'yes')) {
    return isExec(syscall) ? broken(head, 'arguments') : null
  }
  if (syscall === null) return pending.hasArguments ? broken(head, 'process') : null
  // Somebody else's rule may ask for every program of the person; what he runs as himself is no business of ours.
  if (rawField(syscall, 'euid') === rawField(syscall, 'auid')) return null
  return execOf(pending, syscall)
}

function execOf({ head, arguments: collected, cwd: where }: Pending, syscall: string): AuditEvent {
  const argv = collected.finish()
  if (argv === null) return broken(head, 'arguments')
  const exe = textField(syscall, 'exe')
  const cwd = where === null ? null : textField(where, 'cwd')
  if (exe === null || cwd === null) return broken(head, exe === null ? 'program' : 'folder')
  const numbers = readNumbers(syscall)
  if (numbers === null) return broken(head, 'numbers')
  const texts = argv.map(asText)
  return {
    kind: 'exec',
    id: head.id,
    serial: head.serial,
    startedAtMs: head.wallMs,
    ...numbers,
    exe,
    cwd,
    argv: texts.map(({ text }) => text),
    argvEscaped: [...texts.entries()].filter(([, { escaped }]) => escaped).map(([at]) => at),
  }
}

function readNumbers(syscall: string): Pick<ExecEvent, 'pid' | 'ppid' | 'auid' | 'uid'> | null {
  const read = (name: string): number => Number(rawField(syscall, name) ?? Number.NaN)
  const numbers = { pid: read('pid'), ppid: read('ppid'), auid: read('auid'), uid: read('euid') }
  const areWhole = Object.values(numbers).every((number) => Number.isSafeInteger(number) && number >= 0)
  return areWhole && numbers.pid > 0 ? numbers : null
}

/** Only our own rules can have asked for it: their key stands in the record. */
function isExec(syscall: string): boolean {
  return rawField(syscall, 'success') === 'yes' && /^"stint-/.test(rawField(syscall, 'key') ?? '')
}

function textField(body: string, name: string): string | null {
  const bytes = readBytes(rawField(body, name) ?? '')
  return bytes === null || bytes.length === 0 ? null : asText(bytes).text
}

function configEvent(head: RecordHead): ConfigEvent | null {
  const key = readBytes(rawField(head.body, 'key') ?? '')?.toString('latin1') ?? ''
  const at = { kind: 'config', wallMs: head.wallMs, key } as const
  if (rawField(head.body, 'res') !== '1') return null
  if (rawField(head.body, 'op') === 'add_rule') return { ...at, change: 'rule-added' }
  if (rawField(head.body, 'op') === 'remove_rule') return { ...at, change: 'rule-removed' }
  if (rawField(head.body, 'audit_enabled') === '0') return { ...at, change: 'turned-off' }
  return isWeaker(head.body) ? { ...at, change: 'weakened' } : null
}

/** The least that a recording needs; 0 is without a limit for both. */
export const neededBacklog = 8_192

function isWeaker(body: string): boolean {
  const set = (name: string): number => Number(rawField(body, name) ?? 0)
  const backlog = set('audit_backlog_limit')
  const forgets = rawField(body, 'lost') === '0' && set('old') > 0
  return (backlog > 0 && backlog < neededBacklog) || set('audit_rate_limit') > 0 || forgets
}

function loginEvent({ wallMs, body }: RecordHead): LoginEvent | null {
  const [pid, auid] = [Number(rawField(body, 'pid')), Number(rawField(body, 'old-auid'))]
  if (rawField(body, 'res') !== '1' || rawField(body, 'auid') === String(auid)) return null
  return { kind: 'login', wallMs, pid, auid }
}

function broken(head: RecordHead, part: string): BrokenEvent {
  return { kind: 'broken', wallMs: head.wallMs, detail: `Event ${head.serial} arrived without its ${part}.` }
}

function asList(event: AuditEvent | null): readonly AuditEvent[] {
  return event === null ? [] : [event]
}
