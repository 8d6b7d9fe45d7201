import { weaknesses } from '@stint/elevation'
import { type Finding, good, weak } from './finding.ts'
import type { System } from './system.ts'

export interface PolkitReading {
  /** What `pkaction --version` says; null without polkit. */
  readonly version: string | null
  /** There is a folder for rules written in JavaScript. */
  readonly rules: boolean
}

export async function readPolkit(system: System): Promise<PolkitReading> {
  const version = await system.run('pkaction', ['--version'])
  return { version: version?.text.trim() ?? null, rules: system.exists('/etc/polkit-1/rules.d') }
}

/** 0.106 was the first to read rules in JavaScript. */
const firstWithRules = 106

export function judgePolkit({ version, rules }: PolkitReading): Finding {
  const cost = `${weaknesses['no-polkit-rules']} On a terminal, sudo works.`
  if (version === null)
    return weak('polkit', 'polkit is not installed.', cost, 'Install polkit where people use a desktop.')
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?\s*$/.exec(version) ?? []
  if (rules && (Number(major) > 0 || Number(minor) >= firstWithRules))
    return good('polkit', `${version} reads rules: graphical tools can be raised.`)
  const next = 'Update to polkit 0.106 or newer, with rules in JavaScript.'
  return weak('polkit', `${version} reads no rules in JavaScript.`, cost, next)
}
