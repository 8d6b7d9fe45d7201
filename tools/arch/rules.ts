import { builtinModules } from 'node:module'
import { type Import, isFake, isTest, type Source, target, workspaceOf } from './source.ts'
import {
  agentPorts,
  agentSteps,
  clockAllowed,
  drawers,
  environmentAllowed,
  fetchAllowed,
  packagesAllowed,
  reserved,
  serverSlices,
} from './tables.ts'

/** One rule: says what is wrong with an import, or null. */
export type ImportRule = (source: Source, imported: Import) => string | null
/** One rule over a whole file. */
export type FileRule = (source: Source) => string | null

const inside = (path: string, places: readonly string[]) => places.some((place) => path.startsWith(place))
const isProduct = (path: string) => workspaceOf(path) !== null && !isTest(path) && !isFake(path)

const staysInWorkspace: ImportRule = (source, { specifier }) => {
  const to = target(source, specifier)
  const own = workspaceOf(source.path)
  if (to === null || own === null || to.startsWith(`${own}/`)) return null
  return `leaves ${own}: import a declared package by its name`
}

const appNeverImportsApp: ImportRule = (source, { specifier }) => {
  const own = workspaceOf(source.path)
  const app = /^@stint\/(agent|courier|cli|desktop|server|issuer|console)\b/.exec(specifier)?.[1]
  if (own === null || app === undefined || own === `apps/${app}`) return null
  return `an app is imported by nobody; what both need belongs into packages/`
}

const packageOrder: ImportRule = (source, { specifier }) => {
  const own = /^packages\/([^/]+)\/src\//.exec(source.path)?.[1]
  const other = /^@stint\/([^/]+)/.exec(specifier)?.[1]
  if (own === undefined || other === undefined || own === other || isTest(source.path)) return null
  const allowed = packagesAllowed[own] ?? []
  return allowed.includes(other) ? null : `packages/${own} may import ${allowed.join(', ') || 'none of ours'}`
}

const packagesArePure: ImportRule = (source, { specifier }) => {
  if (!/^packages\/[^/]+\/src\//.test(source.path) || isTest(source.path)) return null
  const builtin = specifier.startsWith('node:') || builtinModules.includes(specifier)
  return builtin ? 'packages run in a browser too: no built-in modules' : null
}

const reservedModules: ImportRule = (source, { specifier }) => {
  if (!isProduct(source.path)) return null
  const rule = reserved.find(({ what }) => what.test(specifier))
  return rule === undefined || inside(source.path, rule.only) ? null : `only in ${rule.only.join(', ')}`
}

const noFakesInProduct: ImportRule = (source, { specifier }) => {
  const to = target(source, specifier) ?? specifier
  if (!isProduct(source.path) || !(isFake(to) || isTest(to) || /\/testing(?:\.ts)?$/.test(to))) return null
  return 'product files never import fakes or tests'
}

const agentStep = (path: string) => /^apps\/agent\/src\/([^/]+)\//.exec(path)?.[1] ?? ''
const agentSteppingOrder: ImportRule = (source, imported) => {
  const to = target(source, imported.specifier)
  const from = agentSteps.indexOf(agentStep(source.path))
  const other = to === null ? -1 : agentSteps.indexOf(agentStep(to))
  if (from === -1 || other === -1 || from === other || isTest(source.path) || agentPorts.test(to ?? ''))
    return null
  if (other > from) return `${agentSteps[from]} comes before ${agentSteps[other]}`
  return imported.typeOnly ? null : `a step imports only types of an earlier step (import type)`
}

const agentBackends: ImportRule = (source, { specifier }) => {
  const own = /^apps\/agent\/src\/os\/(linux|windows|macos|fake)\//.exec(source.path)?.[0]
  const to = target(source, specifier)
  if (own === undefined || to === null || isTest(source.path)) return null
  if (to.startsWith(own) || /^apps\/agent\/src\/(?:os\/os\.ts|clock\/)/.test(to)) return null
  return 'a backend imports only os/os.ts and its own folder'
}

const agentHasNoNetwork: ImportRule = (source, { specifier }) => {
  if (!source.path.startsWith('apps/agent/src/') || isTest(source.path)) return null
  return /^(?:node:(?:http|https|http2|tls|dgram|dns)|undici|fastify|eventsource)/.test(specifier)
    ? 'root holds no network code'
    : null
}

const slice = (path: string) => /^apps\/server\/src\/slices\/([^/]+)\//.exec(path)?.[1] ?? ''
const sliceOrder: ImportRule = (source, { specifier }) => {
  const to = target(source, specifier)
  if (to === null || isTest(source.path)) return null
  const from = slice(source.path)
  const other = slice(to)
  if (source.path.startsWith('apps/server/src/http/') && other !== '') return 'http knows no slice'
  if (other === '' || from === other || from === '') return null
  if (serverSlices.indexOf(other) > serverSlices.indexOf(from)) return `${from} comes before ${other}`
  return to.endsWith(`/${other}.ts`) ? null : `only the public file ${other}/${other}.ts of another slice`
}

const onlyRoutesKnowWire: ImportRule = (source, { specifier }) => {
  if (slice(source.path) === '' || !specifier.startsWith('@stint/wire') || isTest(source.path)) return null
  return /\.routes\.ts$/.test(source.path) || specifier === '@stint/wire/journal'
    ? null
    : 'only *.routes.ts of a slice knows wire'
}

const facePages: ImportRule = (source, { specifier }) => {
  const page = /^(apps\/(?:console|desktop)\/src\/pages)\//.exec(source.path)?.[1]
  const to = target(source, specifier)
  if (page === undefined || to === null || isTest(source.path)) return null
  const own = /\/pages\/([^/.]+)/.exec(source.path)?.[1]
  const other = to.startsWith(page) ? /\/pages\/([^/.]+)/.exec(to)?.[1] : undefined
  return other === undefined || other === own ? null : 'pages never import pages'
}

const independence: ImportRule = (source, { specifier }) => {
  const to = target(source, specifier) ?? ''
  const ours = specifier.startsWith('@stint/') || /^(?:packages|apps)\//.test(to)
  const alone = /^tools\/(?:vectors\/generate|verify)\//.exec(source.path)
  return alone !== null && ours ? 'shares no code with the product, so that it can contradict it' : null
}

const verifierStandsAlone: ImportRule = (source, { specifier }) => {
  if (!source.path.startsWith('tools/verify/') || isTest(source.path)) return null
  const isOwn = target(source, specifier)?.startsWith('tools/verify/') ?? specifier.startsWith('node:')
  return isOwn ? null : "the verifier has only its own files and Node's own modules"
}

export const importRules: readonly ImportRule[] = [
  staysInWorkspace,
  appNeverImportsApp,
  packageOrder,
  packagesArePure,
  reservedModules,
  noFakesInProduct,
  agentSteppingOrder,
  agentBackends,
  agentHasNoNetwork,
  sliceOrder,
  onlyRoutesKnowWire,
  facePages,
  independence,
  verifierStandsAlone,
]

const fetchOnlyWhereAllowed: FileRule = ({ path, text }) =>
  isProduct(path) && /(?<![.\w])fetch\(/.test(text) && !inside(path, fetchAllowed)
    ? `fetch only in ${fetchAllowed.join(', ')}`
    : null

const clockIsGiven: FileRule = ({ path, text }) =>
  isProduct(path) &&
  /\bDate\.now\(\)|new Date\(\)|\bset(?:Timeout|Interval)\(/.test(text) &&
  !clockAllowed.test(path)
    ? 'take a clock; do not ask for the time or start a timer here'
    : null

const environmentInConfig: FileRule = ({ path, text }) =>
  isProduct(path) && text.includes('process.env') && !environmentAllowed.test(path)
    ? 'process.env only in config'
    : null

const textStaysText: FileRule = ({ path, text }) =>
  isProduct(path) &&
  /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write/.test(text)
    ? 'text of people and computers is shown as text: no markup from strings'
    : null

const namesSaySomething: FileRule = ({ path }) =>
  drawers.test(path) ? 'a name that says nothing: name it for what it holds' : null

const noBarrels: FileRule = ({ path }) =>
  /\/index\.tsx?$/.test(path) && !/^(?:packages|apps)\/[^/]+\/src\/index\.tsx?$/.test(path)
    ? "no barrel files except a workspace's src/index.ts"
    : null

export const fileRules: readonly FileRule[] = [
  fetchOnlyWhereAllowed,
  clockIsGiven,
  environmentInConfig,
  textStaysText,
  namesSaySomething,
  noBarrels,
]
