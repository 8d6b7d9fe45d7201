import { type ProgramRule, patternMistake, programRuleMistake } from '@stint/elevation'
import type { SettingsDraft } from '../../api/settings.ts'
import { fieldGroups } from './fields.ts'
import { type FieldName, readField } from './values.ts'

/** What cannot be saved like this, by field. */
export function mistakesOf(settings: SettingsDraft): Partial<Record<FieldName, string>> {
  const mistakes: Partial<Record<FieldName, string>> = {}
  for (const field of fieldGroups.flatMap((group) => group.fields)) {
    const value = readField(settings, field.name)
    if (field.kind === 'number' && (typeof value !== 'number' || value < field.min || value > field.max)) {
      mistakes[field.name] = `From ${field.min} to ${field.max} ${field.unit}.`
    }
  }
  if (settings.minutesDefault > settings.minutesCeiling) {
    mistakes.minutesDefault ??= 'Longer than the longest.'
  }
  if (settings.reasonMinLength > settings.reasonMaxLength) {
    mistakes.reasonMinLength ??= 'More than the longest reason.'
  }
  return mistakes
}

/** A rule while it is being written: every field a text, empty for none. */
export interface RuleText {
  readonly id: string
  readonly effect: ProgramRule['effect']
  readonly path: string
  readonly sha256: string
  readonly owner: string
  readonly package: string
  readonly note: string
}

/** `which` is about the four ways to name programs together. */
export type RuleMistakes = Partial<Record<keyof RuleText | 'which', string>>

const ways = ['path', 'sha256', 'owner', 'package'] as const

export function ruleOf({ id, effect, note, ...match }: RuleText): ProgramRule {
  const given = ways.filter((way) => match[way] !== '').map((way) => [way, match[way]])
  return { id, effect, match: Object.fromEntries(given), note }
}

/** What is wrong with each field of a rule, each in the words of the one check of a whole rule. */
export function ruleMistakes(text: RuleText, otherIds: readonly string[]): RuleMistakes {
  const right = { id: 'rule', effect: text.effect, match: { path: '/x' }, note: '' }
  const found: [keyof RuleMistakes, string | null][] = [
    ['id', programRuleMistake({ ...right, id: text.id })],
    ['id', otherIds.includes(text.id) ? 'Another rule has this name already.' : null],
    ...ways.map((way): [keyof RuleMistakes, string | null] => [
      way,
      text[way] === '' ? null : programRuleMistake({ ...right, match: { [way]: text[way] } }),
    ]),
    ['which', ways.every((way) => text[way] === '') ? programRuleMistake({ ...right, match: {} }) : null],
    ['note', programRuleMistake({ ...right, note: text.note })],
  ]
  return Object.fromEntries(found.filter(([, mistake]) => mistake !== null))
}

/** Why this pattern cannot be added; null when it can. */
export function newPatternMistake(pattern: string, others: readonly string[]): string | null {
  if (others.includes(pattern)) return 'This pattern stands in the list already.'
  if (pattern.length > 200) return 'A pattern is at most 200 characters.'
  return patternMistake(pattern)
}
