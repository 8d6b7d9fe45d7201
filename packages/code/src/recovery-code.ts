import { enc, sameBits, trunc } from './bytes.ts'
import { checkSeed, checkSymbol, hasValidCheck } from './check-symbol.ts'
import { CodeError } from './errors.ts'
import type { CodeKeys } from './keys.ts'
import { LABELS } from './labels.ts'
import { mac } from './mac.ts'
import { contextFields, type RequestCode, type RequestContext, requireConsistent } from './request-code.ts'
import { fromSymbols, normaliseTyped, symbolText, symbolValues, toSymbols } from './symbols.ts'

const TAG_BITS = 75

/** The answer to a recovery or maintenance request: 75 bits, all of them tag (protocol 5.6). */
export interface RecoveryCode {
  readonly tag: bigint
}

/**
 * Answers a request of kind `recovery` (clears a lock or quarantine) or `maintenance` (service, uninstall;
 * needs two approvers). Both use K_rec, under labels of their own. Throws `argument` for other kinds or a
 * counter or epoch that is not the request's.
 */
export function createRecoveryCode(context: RequestContext, keys: Pick<CodeKeys, 'rec'>): RecoveryCode {
  requireConsistent(context)
  return { tag: recoveryTag(context, keys) }
}

function recoveryTag(context: RequestContext, keys: Pick<CodeKeys, 'rec'>): bigint {
  const { kind } = context.request
  if (kind !== 'recovery' && kind !== 'maintenance') {
    throw new CodeError('argument', 'only recovery and maintenance requests have a recovery code')
  }
  const label = kind === 'recovery' ? LABELS.recovery : LABELS.maintenance
  return trunc(mac(keys.rec, enc(label, ...contextFields(context))), TAG_BITS)
}

/** `0NDT-FB4E-2EGW-HQ9M`: 15 symbols and a check symbol seeded from the request. */
export function recoveryText({ tag }: RecoveryCode, request: RequestCode): string {
  const symbols = toSymbols(tag, TAG_BITS)
  return symbolText([...symbols, checkSymbol(symbols, checkSeed(request))], 4)
}

/** Reads a typed recovery code. Throws `format`, `typo`. */
export function parseRecoveryCode(typed: string, request: RequestCode): RecoveryCode {
  const symbols = normaliseTyped(typed)
  if (symbols.length !== 16) throw new CodeError('format', 'A recovery code has 16 symbols.')
  const values = symbolValues(symbols)
  if (!hasValidCheck(values, checkSeed(request))) throw new CodeError('typo', 'A symbol was misread.')
  return { tag: fromSymbols(values.slice(0, -1)) }
}

/** Whether this code answers this request. Charge the attempt before (limiter.ts). */
export function isRecoveryFor(
  context: RequestContext,
  keys: Pick<CodeKeys, 'rec'>,
  code: RecoveryCode,
): boolean {
  return sameBits(recoveryTag(context, keys), code.tag, TAG_BITS)
}
