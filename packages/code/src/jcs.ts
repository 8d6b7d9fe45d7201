import { CodeError } from './errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * RFC 8785 canonical JSON. ECMAScript already writes numbers and strings as the RFC wants; what is added is
 * the order of members (UTF-16 code units) and the refusal of what has no JSON form. Throws `argument` for
 * non-finite numbers, lone surrogates and nesting above 32.
 */
export function jcs(value: Json, depth = 0): string {
  if (depth > 32) throw new CodeError('argument', 'JSON nested too deeply')
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new CodeError('argument', 'not a JSON number')
  if (typeof value === 'string' && !value.isWellFormed()) throw new CodeError('argument', 'not a JSON string')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map((item) => jcs(item, depth + 1)).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map((name) => `${jcs(name)}:${jcs(value[name] ?? null, depth + 1)}`)
  return `{${members.join(',')}}`
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}
