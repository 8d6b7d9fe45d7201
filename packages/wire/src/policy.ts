/**
 * The signed policy of one computer: compact JWS, protected header exactly `{alg: "Ed25519", kid, typ}` and payload a
 * `DevicePolicy`, both RFC 8785. The issuer signs nothing else under this type; the agent accepts nothing else.
 */
import { changeKinds, type DevicePolicy, modes } from '@stint/elevation'
import { Contacts } from './local-user.ts'
import { Hex, List, Minutes, OneOf, parse, Strict, Text, Type } from './parse.ts'

export const POLICY_TYP = 'stint-policy+json'
/** Longest signed policy looked at, in characters. */
export const POLICY_JWS_MAX = 65_536

export const ProgramRule = Strict({
  id: Type.String({ pattern: '^[a-z0-9.-]{1,64}$' }),
  effect: OneOf(['deny', 'allow'] as const),
  match: Strict({
    path: Type.Optional(Type.String({ maxLength: 1024, pattern: '^/[^\\u0000-\\u001f\\u007f]*$' })),
    sha256: Type.Optional(Hex(32)),
    owner: Type.Optional(Text(256, 1)),
    package: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9+._-]{0,254}$' })),
  }),
  note: Text(300),
})

/** As `patternMistake` of the elevation package reads it: one or two words with one `{secret}`. */
const RedactPattern = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern:
    '^(?!.*\\{secret\\}.*\\{secret\\})(?=.*\\{secret\\})[^ \\u0000-\\u001f\\u007f]+( [^ \\u0000-\\u001f\\u007f]+)?$',
})

/** Every setting, with its bounds: what the console sends and what a signed policy carries. */
export const settingShapes = {
  offlineCodes: Type.Boolean(),
  minutesDefault: Minutes,
  minutesCeiling: Minutes,
  reasonMinLength: Type.Integer({ minimum: 0, maximum: 250 }),
  reasonMaxLength: Type.Integer({ minimum: 10, maximum: 1000 }),
  ticketRequired: Type.Boolean(),
  endProcesses: Type.Boolean(),
  graceSeconds: Type.Integer({ minimum: 0, maximum: 600 }),
  answerByMinutes: Type.Integer({ minimum: 5, maximum: 7 * 24 * 60 }),
  startByMinutes: Type.Integer({ minimum: 5, maximum: 7 * 24 * 60 }),
  contacts: Contacts,
  programs: Strict({
    otherwise: OneOf(['allow', 'deny'] as const),
    rules: List(ProgramRule, 200),
  }),
  redact: List(RedactPattern, 100),
  undo: List(OneOf(changeKinds), changeKinds.length),
} as const

export const DevicePolicyShape = Strict({
  v: Type.Literal(1),
  iss: Hex(16),
  dev: Hex(16),
  serial: Type.Integer({ minimum: 1, maximum: 0xffff_ffff }),
  /** Seconds since 1970. */
  iat: Type.Integer({ minimum: 0, maximum: 2 ** 40 }),
  users: Type.Array(Strict({ slot: Type.Integer({ minimum: 0, maximum: 13 }), userId: Text(300, 1) }), {
    maxItems: 14,
  }),
  modes: Type.Array(OneOf(modes), { maxItems: modes.length }),
  ...settingShapes,
})

/** Checks a policy from outside; throws `Fault('malformed')`. Does not compile when schema and interface differ. */
export function parseDevicePolicy(value: unknown): DevicePolicy {
  return parse(DevicePolicyShape, value)
}
