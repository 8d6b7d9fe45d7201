import { type ChangeKind, changeKindLabels, changeKinds, type ProgramRule } from '@stint/elevation'
import type { Settings } from '@stint/wire/console'
import type { SettingsDraft } from '../../api/settings.ts'
import { fieldGroups } from './fields.ts'

export type SettingName = Exclude<
  keyof SettingsDraft,
  'version' | 'contacts' | 'programs' | 'redact' | 'undo'
>
export type ContactName = keyof Settings['contacts']
/** `minutesCeiling`, or `contacts.email`: one plain value. */
export type PlainName = SettingName | `contacts.${ContactName}`
/** What is changed, and taken over or not, as one thing. */
export type FieldName = PlainName | 'programs.otherwise' | 'programs.rules' | 'redact' | `undo.${ChangeKind}`
export type Value = string | number | boolean | readonly ProgramRule[] | readonly string[]

const undoName = (kind: ChangeKind): FieldName => `undo.${kind}`

const labels = new Map<FieldName, string>([
  ...fieldGroups.flatMap((group) => group.fields).map(({ name, label }) => [name, label] as const),
  ['programs.otherwise', 'Programs that no rule names'],
  ['programs.rules', 'Rules for programs'],
  ['redact', 'Secrets on command lines'],
  ...changeKinds.map((kind) => [undoName(kind), `Put back: ${changeKindLabels[kind]}`] as const),
])
export const fieldNames: readonly FieldName[] = [...labels.keys()]

/** As people call them, in the order of the page. */
export function labelsOf(names: ReadonlySet<FieldName>): string {
  return [...labels].flatMap(([name, label]) => (names.has(name) ? [label] : [])).join(', ')
}

export function readField(settings: SettingsDraft, name: FieldName): Value {
  if (name === 'programs.otherwise') return settings.programs.otherwise
  if (name === 'programs.rules') return settings.programs.rules
  const [group, member = ''] = name.split('.')
  if (group === 'undo') return settings.undo.some((kind) => kind === member)
  return group === 'contacts' ? settings.contacts[member as ContactName] : settings[name as SettingName]
}

export function writeField(settings: SettingsDraft, name: FieldName, value: Value): SettingsDraft {
  const [group = '', member = ''] = name.split('.')
  if (group === 'undo') {
    const undo = changeKinds.filter((kind) =>
      kind === member ? value === true : settings.undo.includes(kind),
    )
    return { ...settings, undo }
  }
  if (group === 'programs') return { ...settings, programs: { ...settings.programs, [member]: value } }
  if (group === 'contacts') return { ...settings, contacts: { ...settings.contacts, [member]: value } }
  return { ...settings, [name]: value }
}

/** Whether two values of a setting say the same. Lists say the same when they hold the same, in whatever order. */
export function isSame(one: Value, other: Value): boolean {
  return textOf(one) === textOf(other)
}

function textOf(value: Value): string {
  if (typeof value !== 'object') return JSON.stringify(value)
  return JSON.stringify(value.map((item) => textOfItem(item)).sort())
}

function textOfItem(item: ProgramRule | string): string {
  if (typeof item === 'string') return item
  const { id, effect, match, note } = item
  return JSON.stringify([id, effect, match.path, match.sha256, match.owner, match.package, note])
}

/**
 * `mine` put on top of `theirs`, both made from `base`. Of a list only what this draft added, changed or removed: what
 * somebody else put into it meanwhile stays.
 */
export function onTop(base: Value, mine: Value, theirs: Value): Value {
  if (typeof base !== 'object' || typeof mine !== 'object' || typeof theirs !== 'object') return mine
  const [before, after, others] = [keyed(base), keyed(mine), keyed(theirs)]
  const merged = new Map(others)
  for (const key of before.keys()) if (!after.has(key)) merged.delete(key)
  for (const [key, item] of after) {
    const known = before.get(key)
    if (known === undefined || textOfItem(known) !== textOfItem(item)) merged.set(key, item)
  }
  return [...merged.values()] as readonly ProgramRule[] | readonly string[]
}

function keyed(list: readonly (ProgramRule | string)[]): ReadonlyMap<string, ProgramRule | string> {
  return new Map(list.map((item) => [typeof item === 'string' ? item : item.id, item]))
}
