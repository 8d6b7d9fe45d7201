import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const css = readFileSync(new URL('../../packages/ui/src/theme/tokens.css', import.meta.url), 'utf8')

/** Colour tokens of one block of the file: the last `:root {` for light, the dark selector for dark. */
function colours(marker: string): ReadonlyMap<string, string> {
  const from = css.indexOf('{', css.indexOf(marker))
  const block = css.slice(from, css.indexOf('}', from))
  const found = block.matchAll(/--st-([a-z-]+):\s*(#[0-9a-f]{6})\s*;/g)
  return new Map([...found].map(([, name = '', value = '']) => [name, value]))
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'selected']
const tones = ['live', 'success', 'warning', 'danger']

/** Pairs that stand on one another somewhere, with the least contrast that WCAG 2.2 AA asks for. */
const pairs: readonly (readonly [front: string, back: string, least: number])[] = [
  ...grounds.flatMap((ground) => [
    ['text', ground, 4.5] as const,
    ['text-muted', ground, 4.5] as const,
    ['text-faint', ground, 4.5] as const,
    ['accent-text', ground, 4.5] as const,
    ['focus', ground, 3] as const,
  ]),
  ...['surface', 'canvas', 'raised'].map((ground) => ['control-line', ground, 3] as const),
  ...tones.flatMap((tone) => [
    [`${tone}-text`, `${tone}-soft`, 4.5] as const,
    [`${tone}-text`, 'surface', 4.5] as const,
    [`${tone}-text`, 'canvas', 4.5] as const,
    [tone, `${tone}-soft`, 3] as const,
    [tone, 'surface', 3] as const,
    ['text', `${tone}-soft`, 4.5] as const,
    ['text-muted', `${tone}-soft`, 4.5] as const,
  ]),
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-danger', 'danger', 4.5],
  ['on-danger', 'danger-hover', 4.5],
  ['accent-text', 'accent-soft', 4.5],
  ['text-muted', 'neutral-soft', 4.5],
  ['canvas', 'text', 4.5],
]

for (const [name, marker] of [
  ['light', '/* Light. */'],
  ['dark', '/* Dark. */'],
] as const) {
  describe(`the ${name} colours`, () => {
    const tokens = colours(marker)
    for (const [front, back, least] of pairs) {
      it(`${front} on ${back} reach ${least}:1`, () => {
        const [a, b] = [tokens.get(front), tokens.get(back)]
        assert.ok(a !== undefined && b !== undefined, `${front} and ${back} are tokens`)
        const reached = contrast(a, b)
        assert.ok(reached >= least, `${reached.toFixed(2)}:1 of ${a} on ${b}`)
      })
    }
  })
}
