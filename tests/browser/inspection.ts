import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const widths = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const

/** Folder for pictures of each step; none are made without it. */
const shots = process.env.STINT_SHOTS

/**
 * Looks at a screen as it stands, wide and narrow: no violation of WCAG 2.2 AA that axe finds, and nothing wider than
 * the window. With STINT_SHOTS=DIR it leaves a picture of each. The page is wide again afterwards.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const size of [...widths].reverse()) {
    await page.setViewportSize(size)
    await settle(page)
    await keepPicture(page, `${name}-${size.width}`)
    await page.setViewportSize(size)
    const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    )
    assert.deepEqual(found, [], `${name}, ${size.width} wide`)
    const tooWide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
    assert.ok(tooWide <= 0, `${name}: ${tooWide} px wider than ${size.width}`)
  }
}

/** Something that is still fading in has other colours than when it stands. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => undefined)))`)
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  // As high as the page: what is fixed to the window's edge would stand in the middle of a longer picture.
  const { width = 0, height = 0 } = page.viewportSize() ?? {}
  const whole = Number(await page.evaluate('document.documentElement.scrollHeight'))
  await page.setViewportSize({ width, height: Math.max(height, whole) })
  await page.screenshot({ path: join(shots, `${name}.png`) })
}
