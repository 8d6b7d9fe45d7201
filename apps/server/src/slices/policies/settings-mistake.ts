import { type PolicySettings, programRuleMistake } from '@stint/elevation'

/** What an administrator can set; the kinds of elevation are not his to choose yet. */
export type ChosenSettings = Omit<PolicySettings, 'modes'>

/** What contradicts, and in which setting: `minutesDefault`, `programs.rules.3`, `redact.0`. */
export interface SettingsMistake {
  readonly field: string
  /** For the person, with what to do. */
  readonly message: string
}

/**
 * The first thing that cannot be as it is, among settings whose shapes are right; null when all of it can.
 * `policyLengthMax` is the longest signed policy that a computer takes, in characters.
 */
export function settingsMistake(chosen: ChosenSettings, policyLengthMax: number): SettingsMistake | null {
  return (
    boundsMistake(chosen) ??
    rulesMistake(chosen) ??
    patternsMistake(chosen) ??
    undoMistake(chosen) ??
    lengthMistake(chosen, policyLengthMax)
  )
}

function boundsMistake(chosen: ChosenSettings): SettingsMistake | null {
  if (chosen.minutesDefault > chosen.minutesCeiling)
    return {
      field: 'minutesDefault',
      message: 'The default time is longer than the longest time; make one of them fit.',
    }
  if (chosen.reasonMinLength > chosen.reasonMaxLength)
    return {
      field: 'reasonMinLength',
      message: 'The shortest reason is longer than the longest; make one of them fit.',
    }
  return null
}

function rulesMistake({ programs }: ChosenSettings): SettingsMistake | null {
  const seen = new Set<string>()
  for (const [at, rule] of programs.rules.entries()) {
    const mistake =
      programRuleMistake(rule) ??
      (seen.has(rule.id) ? 'Another rule has this name already; give one of them another.' : null)
    if (mistake !== null) return { field: `programs.rules.${at}`, message: `Rule ${rule.id}: ${mistake}` }
    seen.add(rule.id)
  }
  return null
}

/** Whether each is a pattern at all, the shape of the settings has said. */
function patternsMistake({ redact }: ChosenSettings): SettingsMistake | null {
  const at = redact.findIndex((pattern, i) => redact.indexOf(pattern) < i)
  if (at < 0) return null
  return { field: `redact.${at}`, message: `Pattern ${redact[at]} stands there twice; remove one.` }
}

function undoMistake({ undo }: ChosenSettings): SettingsMistake | null {
  return new Set(undo).size === undo.length
    ? null
    : { field: 'undo', message: 'A kind of change stands there twice; name each once.' }
}

/** Header and signature of a signed policy, and what names computer, organisation and time in it: more than ever is. */
const FRAME_CHARACTERS = 1_024
/** Fourteen users of 300 characters, as long as UTF-8 makes them. */
const USERS_BYTES = 14 * (300 * 4 + 40)

/** A computer takes no longer policy, whoever its users are; so neither may the settings be. */
function lengthMistake(chosen: ChosenSettings, policyLengthMax: number): SettingsMistake | null {
  const bytes = new TextEncoder().encode(JSON.stringify(chosen)).length
  const room = Math.floor(((policyLengthMax - FRAME_CHARACTERS) * 3) / 4) - USERS_BYTES
  if (bytes <= room) return null
  return {
    field: 'programs',
    message: `These settings take ${bytes} bytes, and a signed policy has room for ${room}; use fewer or shorter rules, notes and patterns.`,
  }
}
