import { isGlob, type ProgramPolicy, type ProgramRule, programPolicyMistake } from '@stint/elevation'
import { DenyError, type DenyOrder } from '../deny.ts'
import { fileDigest } from './file-digest.ts'
import type { GuardOrder, Helper } from './guard-protocol.ts'
import { namedFiles } from './named-files.ts'
import { ownerUid, packageFiles } from './owners-and-packages.ts'
import { globFolder, realPath, realPathOfFolder } from './paths.ts'

export interface Installation {
  /** Also the name of the folder of process groups. */
  readonly name: string
  readonly helpers: readonly string[]
}

/**
 * Looks up what the guard must not look up itself: it may not wait for a name service or open a file by name.
 * @throws DenyError `mistaken-rules`, `owner-unknown`, `packages-unknown`
 */
export async function prepareOrder(order: DenyOrder, installation: Installation): Promise<GuardOrder> {
  const mistake = programPolicyMistake(order.policy)
  if (mistake !== null)
    throw new DenyError('mistaken-rules', mistake, 'Correct the rules for programs in the policy.')
  const policy: ProgramPolicy = {
    otherwise: order.policy.otherwise,
    rules: (await Promise.all(order.policy.rules.map(resolved))).flat(),
  }
  const packages = await packagesOf(policy.rules)
  return {
    uid: order.uid,
    group: `/${installation.name}/${order.sessionId}`,
    policy,
    named: await namedFiles(policy.rules, packages ?? new Map()),
    packages: packages === null ? null : byPath(policy.rules, packages),
    helpers: await helpersOf(installation),
  }
}

async function helpersOf({ helpers }: Installation): Promise<readonly Helper[]> {
  const found: Helper[] = []
  for (const path of helpers) {
    const file = await realPath(path)
    if (file !== null) found.push({ file, sha256: await fileDigest(file) })
  }
  return found
}

/**
 * With paths as the kernel will show them: links in folders resolved. A rule that names a link means what the link
 * leads to; a deny rule means the link's own name as well, for whatever may come to lie there.
 */
async function resolved(rule: ProgramRule): Promise<readonly ProgramRule[]> {
  const { path, owner } = rule.match
  const match = { ...rule.match, ...(owner === undefined ? {} : { owner: await ownerOf(rule, owner) }) }
  if (path === undefined) return [{ ...rule, match }]
  const place = isGlob(path) ? await inRealFolder(path) : await realPathOfFolder(path)
  const target = isGlob(path) ? null : await realPath(path)
  const paths = rule.effect === 'deny' ? [place, target ?? place] : [target ?? place]
  return [...new Set(paths)].map((at) => ({ ...rule, match: { ...match, path: at } }))
}

async function inRealFolder(glob: string): Promise<string> {
  const folder = globFolder(glob)
  const real = (await realPath(folder)) ?? folder
  return `${real === '/' ? '' : real}${glob.slice(folder === '/' ? 0 : folder.length)}`
}

/** An account that does not exist owns nothing. */
async function ownerOf(rule: ProgramRule, name: string): Promise<string> {
  const uid = await ownerUid(name)
  if (uid !== 'unreachable') return uid === 'gone' ? '#none' : `#${uid}`
  if (rule.effect === 'allow') return '#none'
  const message = `Rule ${rule.id} denies programs of ${name}, and that account could not be looked up.`
  throw new DenyError('owner-unknown', message, 'Try again when the directory answers.')
}

async function packagesOf(
  rules: readonly ProgramRule[],
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  const named = rules.filter(({ match }) => match.package !== undefined)
  const found = await packageFiles([...new Set(named.map(({ match }) => match.package ?? ''))])
  const denying = named.find(({ effect }) => effect === 'deny')
  if (found === null && denying !== undefined) {
    const message = `Rule ${denying.id} denies a package, and this computer has no package database that can be read.`
    throw new DenyError('packages-unknown', message, 'Name the programs by path or by content hash instead.')
  }
  return found
}

/** A path that two packages have counts for the one that is denied. */
function byPath(
  rules: readonly ProgramRule[],
  packages: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const isDenied = (name: string) =>
    rules.some(({ effect, match }) => effect === 'deny' && match.package === name)
  const deniedLast = [...packages].sort(([a], [b]) => Number(isDenied(a)) - Number(isDenied(b)))
  for (const [name, paths] of deniedLast) for (const path of paths) found[path] = name
  return found
}
