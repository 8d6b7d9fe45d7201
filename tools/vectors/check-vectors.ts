import { ChainError } from '@stint/chain'
import { CodeError } from '@stint/code'
import { CaseError, isMembers, type Members } from './case.ts'
import * as code from './code-cases.ts'
import { passcode } from './jws-cases.ts'
import * as log from './log-cases.ts'
import { token } from './token-answer.ts'
import { trace } from './trace-cases.ts'
import * as typed from './typed-cases.ts'

/**
 * A kind of case, recognised by members that its own `in` (or the file's `given`) and its `out` have. The first
 * that fits is taken.
 */
interface Kind {
  readonly name: string
  readonly in: readonly string[]
  readonly out: readonly string[]
  readonly compute: (given: Members) => Members | Promise<Members>
}

const KINDS: readonly Kind[] = [
  { name: 'sealed journal', in: ['entries', 'checkpoints', 'vkey'], out: [], compute: log.seals },
  { name: 'entries', in: ['entries'], out: [], compute: log.entries },
  { name: 'tree', in: ['leafCount'], out: ['root'], compute: log.tree },
  { name: 'inclusion', in: ['index', 'size', 'proof'], out: ['holds'], compute: log.inclusion },
  { name: 'consistency', in: ['oldSize', 'size', 'proof'], out: ['holds'], compute: log.consistency },
  { name: 'verifier key', in: ['name', 'keyKind', 'publicKey'], out: ['vkey'], compute: log.vkey },
  { name: 'receipt', in: ['receipt', 'checkpoint', 'logKeys'], out: [], compute: log.receipt },
  { name: 'checkpoint', in: ['note', 'logKeys'], out: [], compute: log.note },
  { name: 'first journal key', in: ['lsk', 'nD'], out: ['message'], compute: log.firstKey },
  { name: 'trace', in: ['steps'], out: ['steps'], compute: trace },
  { name: 'enrolment', in: ['psk', 'eD_priv', 'dxk_priv'], out: ['crk'], compute: code.enrolment },
  { name: 'heal', in: ['eD_priv', 'dxk_priv', 'crk'], out: ['nextEpoch'], compute: code.heal },
  {
    name: 'whole exchange',
    in: ['nonce', 'params'],
    out: ['request', 'response'],
    compute: code.wholeExchange,
  },
  { name: 'response', in: ['request', 'params'], out: ['payload'], compute: code.response },
  { name: 'request', in: ['nonce', 'kind'], out: ['bits'], compute: code.request },
  { name: 'recovery code', in: ['nonce', 'kind'], out: ['request', 'text'], compute: code.recovery },
  { name: 'renderings', in: ['payload', 'request'], out: ['digits'], compute: code.renderings },
  { name: 'emergency code', in: ['lid', 'idx', 'secret'], out: ['verifier'], compute: code.emergency },
  { name: 'answer token', in: ['token', 'keys', 'open'], out: ['result'], compute: token },
  { name: 'correction', in: ['text', 'devices'], out: ['suggestions'], compute: typed.correction },
  { name: 'resolution', in: ['text', 'devices'], out: ['result'], compute: typed.resolution },
  { name: 'typed answer', in: ['text', 'list', 'request'], out: [], compute: typed.responseReading },
  { name: 'verification', in: ['request', 'text', 'counter', 'crk'], out: ['result'], compute: code.verify },
  { name: 'recovery code', in: ['request', 'counter'], out: ['text'], compute: code.recovery },
  { name: 'passcode', in: ['d', 'header', 'payload'], out: ['jws'], compute: passcode },
  { name: 'sub-keys', in: ['crk', 'epoch'], out: ['req', 'rec'], compute: code.subKeys },
  { name: 'pepper', in: ['hsmKey', 'epoch'], out: ['pepper'], compute: code.pepper },
  { name: 'check symbol', in: ['symbols', 'seed'], out: ['check'], compute: typed.gf32 },
  { name: 'check digit', in: ['digits', 'start'], out: ['check'], compute: typed.damm },
  { name: 'check seed', in: ['request', 'bits'], out: ['seed'], compute: typed.seed },
  {
    name: 'typed emergency code',
    in: ['text', 'deviceId'],
    out: ['lid', 'secret'],
    compute: typed.emergencyReading,
  },
  {
    name: 'typed emergency code',
    in: ['text', 'deviceId'],
    out: ['result'],
    compute: typed.emergencyReading,
  },
  { name: 'typed symbols', in: ['text'], out: ['symbols'], compute: typed.normalise },
]

/** Typed text alone is told apart by the beginning of the id: request codes, or anything. */
const TYPED_REQUEST: Kind = {
  name: 'typed request',
  in: ['text'],
  out: ['result'],
  compute: typed.requestReading,
}
const TYPED_TEXT: Kind = { name: 'typed symbols', in: ['text'], out: ['result'], compute: typed.normalise }

export interface Report {
  readonly passed: number
  /** one line per failed case: `id: what is wrong` */
  readonly failures: readonly string[]
}

/**
 * Checks every case of a vectors file: `{vectors: [{id, in, out}], given?}`. Members a case leaves out come from
 * `given`, from its `given.device`, and in `vectors.json` from the case `keys-1` and policy serial 118.
 * A case of a kind that is not known fails.
 */
export async function checkVectors(file: unknown): Promise<Report> {
  if (!isMembers(file) || !Array.isArray(file.vectors))
    return { passed: 0, failures: ['file: no list "vectors"'] }
  const cases: readonly unknown[] = file.vectors
  const shared = sharedMembers(file, cases)
  const failures: string[] = []
  for (const [position, item] of cases.entries()) {
    const id = isMembers(item) && typeof item.id === 'string' ? item.id : `case ${position + 1}`
    const problem = await checkCase(item, shared)
    if (problem !== undefined) failures.push(`${id}: ${problem}`)
  }
  return { passed: cases.length - failures.length, failures }
}

function sharedMembers(file: Members, cases: readonly unknown[]): Members {
  const keys1 = cases.find((item) => isMembers(item) && item.id === 'keys-1')
  const inherited = isMembers(keys1) && isMembers(keys1.in) ? { ...keys1.in, pol: 118 } : {}
  const given = isMembers(file.given) ? file.given : {}
  const device = isMembers(given.device) ? given.device : {}
  return { ...inherited, ...given, ...device }
}

async function checkCase(item: unknown, shared: Members): Promise<string | undefined> {
  if (!isMembers(item) || !isMembers(item.in) || !isMembers(item.out)) return 'needs "in" and "out"'
  const own = item.in
  const given = { ...shared, ...own }
  const out = item.out
  const kinds = [...KINDS, String(item.id).startsWith('request-') ? TYPED_REQUEST : TYPED_TEXT]
  const kind = kinds.find(
    (known) => known.in.every((name) => name in given) && known.out.every((name) => name in out),
  )
  if (!kind)
    return `a kind of case that is not known (in: ${Object.keys(own).join(', ')}; out: ${Object.keys(out).join(', ')})`
  try {
    return firstDifference(await kind.compute(given), out, kind.name)
  } catch (error) {
    if (error instanceof CaseError || error instanceof CodeError || error instanceof ChainError)
      return `${kind.name}: ${error.message}`
    throw error
  }
}

/** Every member that the case expects must be computed, and equal. */
function firstDifference(computed: Members, expected: Members, kind: string): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    if (!(name in computed)) return `${kind}: out.${name} is not known`
    const [is, should] = [canonical(computed[name]), canonical(value)]
    if (is !== should) return `${kind}: out.${name} is ${is}, should be ${should}`
  }
  return undefined
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isMembers(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
