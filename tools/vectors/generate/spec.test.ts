import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { aliasTable, dammTable } from './symbols.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const documents = [
  ...readdirSync(new URL('spec/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `spec/${name}`),
  'spec/vectors/README.md',
  'docs/threat-model/README.md',
  'docs/threat-model/requirements.md',
  'docs/words.md',
]

/** Anchor of a heading, as rendered from Markdown. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

test('every link of the protocol and threat model documents leads somewhere', () => {
  const broken = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      const target = new URL(link, new URL(path, root))
      if (!existsSync(target)) return [`${path}: ${link}`]
      const headings = target.hash === '' ? [] : [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)]
      const found = headings.some(([, heading = '']) => `#${anchor(heading)}` === target.hash)
      return target.hash === '' || found ? [] : [`${path}: ${link}`]
    }),
  )
  assert.deepEqual(broken, [])
})

test('the document of symbols has exactly the aliases and the Damm table that the vectors were made with', () => {
  const text = read('spec/symbols.md')
  const rows = [...text.matchAll(/^\| `(.)` \| (.+) \|$/gm)]
  const written = rows.flatMap(([, symbol = '', cell = '']) =>
    [...cell.matchAll(/U\+([0-9A-F]{4})/g)].map(
      ([, hex = '']) => `${String.fromCodePoint(Number.parseInt(hex, 16))}${symbol}`,
    ),
  )
  assert.deepEqual(written.toSorted(), [...aliasTable].map(([from, to]) => from + to).toSorted())
  const damm = [...text.matchAll(/^ +\d {2}((?:\d ?){10})$/gm)].map(([, row = '']) => row.replaceAll(' ', ''))
  assert.deepEqual(damm, dammTable)
})

test('every vector file is described', () => {
  const text = read('spec/vectors/README.md')
  const names = readdirSync(new URL('spec/vectors/', root)).filter((name) => name.endsWith('.json'))
  const undescribed = names.filter((name) => !text.includes(`\n### ${name}\n`))
  assert.deepEqual(undescribed, [])
})

test('requirements have unique ids, four cells and a known version, and the threat model cites only those there are', () => {
  const rows = read('docs/threat-model/requirements.md')
    .split('\n')
    .filter((line) => /^\| [A-Z]+-\d+ \|/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const ids = rows.map(([id]) => id)
  assert.ok(rows.length > 80)
  assert.deepEqual(
    ids.filter((id, i) => ids.indexOf(id) !== i),
    [],
  )
  assert.deepEqual(
    rows.filter((cells) => cells.length !== 4 || !/^(planned|\d+\.\d+)$/.test(cells[3] ?? '')),
    [],
  )
  assert.deepEqual(
    rows.filter(([, rule = '']) => !/\b(MUST|SHOULD)\b/.test(rule)),
    [],
  )
  const cited = [
    ...read('docs/threat-model/README.md').matchAll(/\b(?:GATE|CODE|LIMIT|KEY|END|REC|EVID|WEB)-\d+/g),
  ].map(([id]) => id)
  assert.deepEqual(
    cited.filter((id) => !ids.includes(id)),
    [],
  )
})
