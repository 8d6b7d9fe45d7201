import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import {
  changedSessionId,
  gappedSessionId,
  liveSessionId,
} from '../../apps/console/test/fake-api/sessions.ts'
import { missingBrowser, openConsoleBrowser, setConsoleStage } from './console-stage.ts'

describe('a session’s page', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  async function sessionFor(test: TestContext, id: string) {
    const stage = await setConsoleStage(browser)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    await stage.open(`/sessions/${id}`)
    const panel = (title: string) =>
      stage.page.locator('.st-panel', { has: stage.page.getByRole('heading', { level: 2, name: title }) })
    const thing = (what: string) => panel('What changed').locator('li', { hasText: what }).first()
    return { ...stage, panel, thing }
  }

  it('lists what was denied: when, which program, by which rule, and how often', async (test) => {
    const { panel } = await sessionFor(test, changedSessionId)
    const rows = panel('Denied').getByRole('list', { name: 'Denied programs' }).locator('> li')
    assert.equal(await rows.count(), 8)
    const [first, second, third] = await rows.allInnerTexts()
    assert.match(first ?? '', /\d\d:\d\d:\d\d\s+\/usr\/bin\/nmap -sS 10\.0\.0\.0\/8\s+Rule no-scanners/)
    assert.match(second ?? '', /--password=\[redacted\] accounts.*tried 2 more times.*1 secret hidden/s)
    assert.match(third ?? '', /No rule allows it/)
    await panel('Denied').getByRole('button', { name: 'Show all 10' }).click()
    assert.equal(await rows.count(), 10)
  })

  it('says how many were denied where not all are listed', async (test) => {
    const { world, page, panel, open } = await sessionFor(test, changedSessionId)
    const detail = world.sessions.find(({ summary }) => summary.id === changedSessionId)
    if (detail) detail.deniedCount = 12_345
    await open(`/sessions/${changedSessionId}`)
    await panel('Denied').getByText('12,345 starts kept from happening; the first 10 are listed.').waitFor()
    await page.getByRole('button', { name: 'Show the first 10' }).waitFor()
  })

  it('groups what changed, from what to what, when and during which program, put back or not', async (test) => {
    const { panel, thing } = await sessionFor(test, changedSessionId)
    const kinds = await panel('What changed').getByRole('heading', { level: 3 }).allInnerTexts()
    assert.deepEqual(
      kinds.map((text) => text.replace(/\s+/g, ' ')),
      ['Accounts 1', 'Rules of sudo 1', 'Services 2'],
    )
    assert.match(
      await thing('scanner').innerText(),
      /New: an account with uid 998.*while useradd \(731\) ran.*Not put back/s,
    )
    assert.match(await thing('sudoers.d').innerText(), /Put back/)
    assert.match(
      await thing('scanner.service').innerText(),
      /not enabled → enabled.*dpkg \(733\), bash \(712\)/s,
    )
    assert.match(
      await thing('cups.service').innerText(),
      /a file of 310 bytes → removed.*When is not known.*Could not be put back/s,
    )
    await panel('What changed').getByText('/etc/pam.d could not be read: permission denied').waitFor()
  })

  it('marks what stands in place of a secret, and counts it', async (test) => {
    const { page } = await sessionFor(test, changedSessionId)
    await page.getByRole('treeitem').first().click()
    assert.equal(await page.locator('.st-tree-facts .st-redacted').innerText(), '[redacted]')
    await page.locator('.st-tree-facts').getByText('1 secret hidden').waitFor()
  })

  it('does not mark an argument that only looks like it', async (test) => {
    const { page, world, open } = await sessionFor(test, changedSessionId)
    for (const process of world.processes[changedSessionId] ?? []) process.redacted = 0
    await open(`/sessions/${changedSessionId}`)
    await page.getByRole('treeitem').first().click()
    await page.locator('.st-tree-facts').getByText('--password=[redacted]').waitFor()
    assert.equal(await page.locator('.st-tree-facts .st-redacted').count(), 0)
  })

  it('says what denied, and that rights were changed without Stint', async (test) => {
    const { panel } = await sessionFor(test, changedSessionId)
    const facts = await panel('How it went').innerText()
    assert.match(facts, /Denying\s+fanotify/)
    assert.match(facts, /Rights changed without Stint\s+Somebody else made the person an administrator\./)
  })

  it('says in words that nothing was denied and nothing changed', async (test) => {
    const { panel } = await sessionFor(test, gappedSessionId)
    await panel('Denied').getByText('Nothing was denied.').waitFor()
    await panel('What changed').getByText('Nothing that Stint compares is different from before.').waitFor()
  })

  it('says of a live session what is not known yet', async (test) => {
    const { panel } = await sessionFor(test, liveSessionId)
    await panel('Denied').getByText('The policy had no rules for programs').waitFor()
    await panel('What changed').getByText('The computer compares when the session has ended.').waitFor()
    assert.match(await panel('How it went').innerText(), /Denying\s+No rules to deny by/)
  })
})
