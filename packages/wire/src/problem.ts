import { Dictionary, type Static, Type } from './parse.ts'

/** RFC 9457 with our members. `details` holds numbers a face may show, `fields` what is wrong with which input. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  hint: Type.String(),
  details: Type.Optional(Dictionary(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
  fields: Type.Optional(Dictionary(Type.String())),
})
export type Problem = Static<typeof Problem>
