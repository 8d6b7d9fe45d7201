import { globSync, readFileSync } from 'node:fs'

/**
 * Ties docs/threat-model/requirements.md to the tests: a requirement that this version keeps is named by a test, and
 * a test names only requirements that exist.
 */
const row = /^\| ([A-Z]+-\d+) \|.*\| (planned|\d+\.\d+) \|$/gm
const cited = /\b([A-Z]{3,}-\d+)\b/g
const title = /\b(?:test|it|describe)(?:\.\w+)?\(\s*(['"`])((?:(?!\1).)*)/g

const table = readFileSync('docs/threat-model/requirements.md', 'utf8')
const requirements = new Map([...table.matchAll(row)].map(([, id = '', since = '']) => [id, since]))
const families = new Set([...requirements.keys()].map((id) => id.split('-')[0]))

const shown = new Map<string, string>()
for (const path of globSync('{packages,apps,tools,tests}/**/*.test.ts', {
  exclude: (name) => name === 'node_modules',
}))
  for (const [, , text = ''] of readFileSync(path, 'utf8').matchAll(title))
    for (const [id] of text.matchAll(cited)) if (families.has(id.split('-')[0] ?? '')) shown.set(id, path)

const unknown = [...shown].filter(([id]) => !requirements.has(id))
const missing = [...requirements].filter(([id, since]) => since !== 'planned' && !shown.has(id))
for (const [id, path] of unknown) console.error(`${path}: names ${id}, which is no requirement`)
for (const [id] of missing) console.error(`docs/threat-model/requirements.md: no test names ${id}`)
console.error(`requirements: ${shown.size} of ${requirements.size} shown by tests`)
process.exitCode = unknown.length + missing.length === 0 ? 0 : 1
