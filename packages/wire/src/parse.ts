import { Fault, isOneOf } from '@stint/elevation'
import type { Static, TSchema } from 'typebox'
import * as typebox from 'typebox'
import { Check, Errors } from 'typebox/schema'

/**
 * What our shapes are made of. Named one by one: the whole of TypeBox is ten times as much code, and would be loaded
 * on every computer.
 */
export const Type = {
  Array: typebox.Array,
  Boolean: typebox.Boolean,
  Integer: typebox.Integer,
  Literal: typebox.Literal,
  Null: typebox.Null,
  Number: typebox.Number,
  Object: typebox.Object,
  Optional: typebox.Optional,
  String: typebox.String,
  Union: typebox.Union,
  Unknown: typebox.Unknown,
  Unsafe: typebox.Unsafe,
} as const

/** A member of one of the vocabularies. */
export function OneOf<const T extends readonly string[]>(list: T) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...list] })
}

/** A list that nobody changes after it was read. */
export function List<S extends TSchema>(item: S, maxItems: number) {
  return Type.Unsafe<readonly Static<S>[]>(Type.Array(item, { maxItems }))
}

/** A record of any names. */
export function Dictionary<S extends TSchema>(value: S) {
  return Type.Unsafe<Record<string, Static<S>>>({ type: 'object', additionalProperties: value })
}

/** Lower-case hex of exactly `bytes` bytes. */
export function Hex(bytes: number) {
  return Type.String({ pattern: `^[0-9a-f]{${bytes * 2}}$` })
}

/** A record with these members and no others: unknown members are refused, not ignored. */
export const Strict = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false })

/**
 * A number that JSON and both databases hold exactly. Without the upper end, a stored 2^60 could be written and never
 * read again.
 */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Epochs and serials: 32 bits in every code and message. */
export const Count32 = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })
/** RFC 3339 UTC with milliseconds. */
export const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' })
/** UUIDv7 (RFC 9562), lower case. */
export const Id = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
})
export const Seconds = Type.Integer({ minimum: 0, maximum: 7 * 24 * 3600 })
export const Minutes = Type.Integer({ minimum: 1, maximum: 7 * 24 * 60 })
/** Free text a person typed; control characters other than newline and tab are refused. */
export const Text = (maxLength: number, minLength = 0) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$' })

/**
 * Checks a value from outside. Throws `Fault('malformed', …)` naming the first member that is wrong, never its
 * content: what somebody sent may be a secret.
 */
export function parse<S extends TSchema>(schema: S, value: unknown): Static<S> {
  if (Check(schema, value)) return value as Static<S>
  const first = Errors(schema, value)[1][0]
  const where = first?.instancePath || 'the message'
  throw new Fault(
    'malformed',
    `${where} ${first?.message ?? 'is not as agreed'}`,
    'Both sides may be of different versions; update the older one.',
  )
}

/** JSON text to a checked value. The same fault for broken JSON as for a wrong member. */
export function parseJson<S extends TSchema>(schema: S, text: string): Static<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Fault(
      'malformed',
      'The message is not JSON',
      'Both sides may be of different versions; update the older one.',
    )
  }
  return parse(schema, value)
}

export { isOneOf, type Static }
