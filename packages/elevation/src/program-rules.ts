import type { ProgramPolicy, ProgramRule } from './policy.ts'

/**
 * What is known of a program that is about to start. `null` is "could not be found out" everywhere, and never the
 * same as "has none": an unknown makes no allow rule fit and keeps no deny rule from fitting.
 */
export interface ProgramFacts {
  /** Where it lies, links resolved. */
  readonly path: string | null
  /** Other paths of the same file or of the same content. They count for deny rules only. */
  readonly otherPaths: readonly string[]
  /** Read last, and only when a rule that otherwise fits asks for it: it may be costly. */
  readonly sha256: string | null
  /** Name of the account that owns the file; the empty text for an account that no rule can name. */
  readonly owner: string | null
  /** Package that installed the file; the empty text for none. */
  readonly package: string | null
}

export type ProgramDecision =
  | { readonly allowed: true; readonly rule: string | null }
  /** `rule` is null where nothing is allowed that no rule allows. */
  | { readonly allowed: false; readonly rule: string | null; readonly note: string }

type Fit = 'fits' | 'differs' | 'unknown'

/** Deny wins over allow, in whatever order they stand; what no rule decides is as `otherwise` says. */
export function decideProgram(policy: ProgramPolicy, facts: ProgramFacts): ProgramDecision {
  const rules = [...policy.rules]
  const denying = rules.find((rule) => rule.effect === 'deny' && fitOf(rule, facts) !== 'differs')
  if (denying) return { allowed: false, rule: denying.id, note: denying.note }
  const allowing = rules.find((rule) => rule.effect === 'allow' && fitOf(rule, facts) === 'fits')
  if (allowing) return { allowed: true, rule: allowing.id }
  if (policy.otherwise === 'allow') return { allowed: true, rule: null }
  return { allowed: false, rule: null, note: '' }
}

/** Costly members last, and not at all once another differs. A rule without members fits nothing. */
function fitOf({ effect, match }: ProgramRule, facts: ProgramFacts): Fit {
  const { path, owner, package: installedBy, sha256 } = match
  const members: (() => Fit)[] = []
  if (path !== undefined) members.push(() => pathFit(path, effect, facts))
  if (owner !== undefined) members.push(() => same(owner, facts.owner))
  if (installedBy !== undefined) members.push(() => same(installedBy, facts.package))
  if (sha256 !== undefined) members.push(() => same(sha256, facts.sha256))
  let found: Fit = members.length === 0 ? 'differs' : 'fits'
  for (const member of members) {
    const fit = member()
    if (fit === 'differs') return 'differs'
    if (fit === 'unknown') found = 'unknown'
  }
  return found
}

function pathFit(glob: string, effect: ProgramRule['effect'], facts: ProgramFacts): Fit {
  if (facts.path !== null && matchesGlob(glob, facts.path)) return 'fits'
  if (effect === 'deny' && facts.otherPaths.some((other) => matchesGlob(glob, other))) return 'fits'
  return facts.path === null ? 'unknown' : 'differs'
}

function same(wanted: string, found: string | null): Fit {
  if (found === null) return 'unknown'
  return found === wanted ? 'fits' : 'differs'
}

/** True when the text has a wildcard, so that it names more than one path. */
export function isGlob(path: string): boolean {
  return path.includes('*')
}

/**
 * `*` is any run of characters without `/`, `**` any run; everything else stands for itself. Follows all ways through
 * the pattern at once, so its time is the product of both lengths at worst, whatever the pattern.
 */
export function matchesGlob(glob: string, path: string): boolean {
  if (!isGlob(glob)) return glob === path
  if (!path.startsWith(glob.slice(0, glob.indexOf('*')))) return false
  const steps = glob.match(/\*\*|\*|[^*]/gu) ?? []
  let ways = withEmptyStars(steps, [0])
  for (const character of path) {
    ways = withEmptyStars(steps, after(steps, ways, character))
    if (ways.size === 0) return false
  }
  return ways.has(steps.length)
}

/** Where the ways through the pattern stand once the character is taken. */
function after(steps: readonly string[], ways: ReadonlySet<number>, character: string): number[] {
  const next: number[] = []
  for (const at of ways) {
    const step = steps[at]
    if (step === '**' || (step === '*' && character !== '/')) next.push(at)
    else if (step === character && step !== '*') next.push(at + 1)
  }
  return next
}

/** A star may also stand for nothing. */
function withEmptyStars(steps: readonly string[], ways: readonly number[]): ReadonlySet<number> {
  const all = new Set(ways)
  for (const at of all) if (steps[at] === '*' || steps[at] === '**') all.add(at + 1)
  return all
}

const longestPath = 1024

/** What is wrong with a rule, as a sentence for whoever writes it; null when it can be used. */
export function programRuleMistake(rule: ProgramRule): string | null {
  const { id, match, note } = rule
  const { path, sha256, owner, package: installedBy } = match
  if (!/^[a-z0-9.-]{1,64}$/.test(id))
    return 'A rule is called by 1 to 64 lower-case letters, digits, dots or hyphens.'
  if ([path, sha256, owner, installedBy].every((member) => member === undefined))
    return 'Say which programs: give a path, a content hash, an owner or a package.'
  if (path !== undefined) {
    const mistake = pathMistake(path)
    if (mistake !== null) return mistake
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    return 'A content hash is the 64 lower-case hexadecimal digits that sha256sum prints.'
  if (owner !== undefined && !/^[^\s:/\p{Cc}]{1,256}$/u.test(owner))
    return 'An owner is the name of one account.'
  if (installedBy !== undefined && !/^[a-z0-9][a-z0-9+._-]{0,254}$/.test(installedBy))
    return 'A package is named as the package manager does, without a version.'
  return note.length > 300 ? 'A note is at most 300 characters.' : null
}

function pathMistake(path: string): string | null {
  if (!path.startsWith('/')) return 'A path begins with a slash.'
  if (path.length > longestPath) return `A path has at most ${longestPath} characters.`
  if (/\p{Cc}/u.test(path)) return 'A path has no control characters.'
  if (path.endsWith('/')) return 'A path names programs, not a folder: end it with a name, * or **.'
  if (/\/\/|\/\.\.?(?:\/|$)/.test(path)) return 'A path has no empty part, "." or "..".'
  return null
}

/** The first mistake among rules, two of the same name included. */
export function programPolicyMistake({ rules }: ProgramPolicy): string | null {
  const seen = new Set<string>()
  for (const rule of rules) {
    const mistake = programRuleMistake(rule)
    if (mistake !== null) return `Rule ${rule.id}: ${mistake}`
    if (seen.has(rule.id)) return `Two rules are called ${rule.id}.`
    seen.add(rule.id)
  }
  return null
}
