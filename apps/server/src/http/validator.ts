import { refuse } from '@stint/elevation'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { RefusedCall } from './problem.ts'

/**
 * Checks an input of a route against its wire schema. Bodies are taken as they are: no conversion, no default, no
 * unknown member. Queries and paths are text, so their numbers and defaults are read first.
 */
export function compileValidator(part: { readonly schema: TSchema; readonly httpPart?: string }) {
  const check = Compile(part.schema)
  const isText = part.httpPart !== 'body'
  return (input: unknown): { value: unknown } | { error: Error } => {
    const value = isText ? Value.Default(part.schema, Value.Convert(part.schema, input)) : input
    if (check.Check(value)) return { value }
    return { error: new RefusedCall(refuse('invalid'), { fields: fieldsOf(check.Errors(value)) }) }
  }
}

interface InputError {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

/** One sentence for each member that is wrong, by its path with dots. Never what was sent: it may be a secret. */
function fieldsOf(errors: readonly InputError[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { keyword, instancePath, message, params } of errors) {
    const path = instancePath.slice(1).replaceAll('/', '.')
    for (const [name, words] of sentences(keyword, message, params)) {
      const field = [path, name].filter((part) => part !== '').join('.') || 'body'
      fields[field] ??= words
    }
  }
  return fields
}

function sentences(keyword: string, message: string, params: object): (readonly [string, string])[] {
  if (keyword === 'required' && 'requiredProperties' in params)
    return names(params.requiredProperties).map((name) => [name, 'is missing'])
  if (keyword === 'additionalProperties' && 'additionalProperties' in params)
    return names(params.additionalProperties).map((name) => [name, 'is not known here'])
  if (keyword === 'boolean') return []
  return [['', keyword === 'pattern' ? 'does not have the right form' : message]]
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
