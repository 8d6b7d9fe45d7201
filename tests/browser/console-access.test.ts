import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { knownCode } from '../../apps/console/test/fake-api/codes.ts'
import {
  changedSessionId,
  gappedSessionId,
  liveSessionId,
} from '../../apps/console/test/fake-api/sessions.ts'
import { type ConsoleStage, missingBrowser, openConsoleBrowser, setConsoleStage } from './console-stage.ts'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

const openFindingId = '0192f000-0000-7000-8000-00000000ff01'
const openFilters = (page: Page) => page.getByRole('button', { name: /^Filters/ }).click()
async function saved(page: Page, item: string) {
  await page.getByRole('button', { name: /^Saved/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await page.getByRole('dialog').waitFor()
}

/** Every screen, and what must be done to see it. */
const screens: readonly (readonly [name: string, path: string, act?: (page: Page) => Promise<unknown>])[] = [
  ['overview', '/'],
  ['requests', '/requests'],
  ['a request', '/requests?open=0192f000-0000-7000-8000-00000000dd02'],
  ['decided requests', '/requests?tab=decided'],
  ['a decided request', '/requests?tab=decided&open=0192f000-0000-7000-8000-00000000dd09'],
  ['live sessions among the requests', '/requests?tab=live'],
  ['answer a code', '/answer'],
  [
    'an answer to decide',
    '/answer',
    async (page) => {
      await page.getByLabel('Request code').fill(knownCode)
      await page.getByText('How do you know who is calling?').waitFor()
    },
  ],
  [
    'an answer',
    '/answer',
    async (page) => {
      await page.getByLabel('Request code').fill(knownCode)
      await page.getByRole('radio', { name: 'I know their voice' }).check()
      await page.getByRole('button', { name: /Make the code/ }).click()
      await page.getByRole('region', { name: 'Response code' }).waitFor()
    },
  ],
  ['sessions', '/sessions'],
  ['past sessions', '/sessions?tab=past'],
  ['a live session', `/sessions/${liveSessionId}`, (page) => page.getByRole('treeitem').first().click()],
  ['an incomplete session', `/sessions/${gappedSessionId}`],
  [
    'a session that was denied programs and changed things',
    `/sessions/${changedSessionId}`,
    (page) => page.getByRole('button', { name: 'Show all 10' }).click(),
  ],
  ['reports', '/reports'],
  ['usage, narrowed', '/reports/usage?credential=answer-token&text=okafor', openFilters],
  [
    'usage, as a table',
    '/reports/usage?period=90d&text=okafor',
    (page) => page.getByRole('button', { name: 'As a table' }).click(),
  ],
  ['processes of a report', '/reports/processes?text=apt-get'],
  ['the report of requests', '/reports/requests?period=exact&from=2026-01-01&text=okafor'],
  ['elevated applications', '/reports/programs'],
  ['denied starts', '/reports/denied'],
  [
    'effective policy',
    '/reports/effective-policy',
    (page) => page.getByRole('button', { name: /nb-lindqvist-04/ }).click(),
  ],
  ['the report of computers', '/reports/computers'],
  ['a report that nothing fits', '/reports/usage?text=nobody-like-this'],
  ['saving filters', '/reports/usage?text=okafor', (page) => saved(page, 'Save these filters…')],
  ['managing filters', '/reports/usage?text=okafor', (page) => saved(page, 'Rename, share, delete…')],
  ['schedules', '/schedules'],
  ['scheduling', '/schedules', (page) => page.getByRole('button', { name: 'Schedule a report' }).click()],
  ['findings', '/findings'],
  ['acknowledged findings', '/findings?tab=acknowledged'],
  ['a finding', `/findings?open=${openFindingId}`, (page) => page.getByRole('dialog').waitFor()],
  ['connections', '/connections'],
  ['connecting', '/connections', (page) => page.getByRole('button', { name: 'Connect a system' }).click()],
  ['computers', '/computers'],
  ['enrolling', '/computers?enrol=yes', (page) => page.getByRole('dialog').waitFor()],
  ['a computer', `/computers/${'6d'.repeat(16)}`],
  ['people', '/people'],
  ['inviting', '/people?invite=yes', (page) => page.getByRole('dialog').waitFor()],
  [
    'policy with changes',
    '/policy',
    async (page) => {
      await page.getByLabel('Grace').fill('90')
      await page.getByText('1 unsaved change', { exact: true }).waitFor()
    },
  ],
  [
    'policy with lists that change',
    '/policy',
    async (page) => {
      await page.getByText('Do not start', { exact: true }).click()
      await page.getByRole('button', { name: 'Remove --token {secret}' }).click()
      await page.getByLabel('SSH keys').check()
      await page.getByLabel('Try it').fill('mysqldump --password=hunter2')
      await page.getByText('1 secret would be hidden.').waitFor()
    },
  ],
  [
    'a rule with mistakes',
    '/policy',
    async (page) => {
      await page.getByRole('button', { name: 'Add a rule' }).click()
      await page.getByRole('button', { name: 'Add the rule' }).click()
      await page.getByText('Say which programs').waitFor()
    },
  ],
  ['ledger', '/ledger'],
  ['API tokens', '/tokens'],
  [
    'command palette',
    '/',
    async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('option').first().waitFor()
    },
  ],
  [
    'shortcuts',
    '/',
    async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  ],
]
const outside = [
  ['sign in', '/sign-in'],
  ['joining', '/join/welcome'],
  ['a used link', '/join/used'],
] as const

const looks = [
  { name: 'wide and light', width: 1440, height: 900, colorScheme: 'light' },
  { name: 'narrow and dark', width: 390, height: 844, colorScheme: 'dark' },
] as const

describe('the console is usable by everybody (WCAG 2.2 AA, by axe)', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  for (const look of looks) {
    for (const [name, path, act] of screens) {
      it(`${name}, ${look.name}: no violation and nothing wider than the screen`, async (test) => {
        const stage = await setConsoleStage(browser, look)
        test.after(() => stage.close())
        await stage.open(path)
        await act?.(stage.page)
        await assertUsable(stage)
      })
    }
    for (const [name, path] of outside) {
      it(`${name}, ${look.name}: no violation and nothing wider than the screen`, async (test) => {
        const stage = await setConsoleStage(browser, { ...look, signedIn: false })
        test.after(() => stage.close())
        await stage.open(path)
        await assertUsable(stage)
      })
    }
  }

  it('moves nothing for somebody who asked for less motion', async (test) => {
    const stage = await setConsoleStage(browser)
    test.after(() => stage.close())
    await stage.page.emulateMedia({ reducedMotion: 'reduce' })
    await stage.open('/')
    const duration = await stage.page.evaluate<string>(
      "getComputedStyle(document.querySelector('.st-nav-link')).transitionDuration",
    )
    assert.equal(duration, '0s')
  })
})

async function assertUsable({ page, complaints }: ConsoleStage): Promise<void> {
  // A dialog that is still fading in has other colours than when it stands.
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => undefined)))`)
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  )
  assert.deepEqual(found, [])
  const tooWide = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  assert.ok(tooWide <= 0, `${tooWide} px too wide`)
  assert.deepEqual(complaints, [])
}
