import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import {
  changedSessionId,
  gappedSessionId,
  liveSessionId,
} from '../../apps/console/test/fake-api/sessions.ts'
import { webhookSecret } from '../../apps/console/test/fake-api/sinks.ts'
import { makeMe } from '../../apps/console/test/fake-api/world.ts'
import { missingBrowser, openConsoleBrowser, setConsoleStage, tabTo } from './console-stage.ts'

describe('findings, evidence and connections', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  async function stageFor(test: TestContext, path: string) {
    const stage = await setConsoleStage(browser)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    await stage.open(path)
    return stage
  }

  it('acknowledges a finding with a note, by keyboard alone, and the count goes down', async (test) => {
    const { page, world } = await stageFor(test, '/')
    await page
      .getByRole('link', { name: /^Findings 2 open/ })
      .first()
      .waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await page.getByRole('heading', { level: 1, name: 'Findings' }).waitFor()
    await tabTo(page, /^The computer reports nothing/)
    await page.keyboard.press('Enter')
    await page.getByText('it showed itself, and sent no journal', { exact: false }).waitFor()
    await tabTo(page, /^What it was/)
    await page.keyboard.type('It was in a drawer for a week.')
    await tabTo(page, 'Acknowledge')
    await page.keyboard.press('Enter')
    await page.getByText('Your note stands in the ledger.').waitFor()
    const finding = world.findings.find(({ word }) => word === 'silent')
    assert.equal(finding?.acknowledged?.note, 'It was in a drawer for a week.')
    await page
      .getByRole('link', { name: /^Findings 1 open/ })
      .first()
      .waitFor()
  })

  it('narrows findings by computer and kind in the address', async (test) => {
    const { page } = await stageFor(test, '/findings?code=E7')
    assert.equal(await page.locator('.st-table tbody tr').count(), 1)
    await page.getByRole('link', { name: /Rights stood longer than agreed/ }).waitFor()
    await page.getByRole('tab', { name: 'Acknowledged' }).click()
    await page.getByText('Nothing with these filters').waitFor()
  })

  it('refuses to acknowledge twice: conflict', async (test) => {
    const { page, world } = await stageFor(test, '/findings?open=0192f000-0000-7000-8000-00000000ff01')
    const finding = world.findings.find(({ code }) => code === 'E7')
    if (finding) finding.acknowledged = { by: 'Klara Vogel', at: finding.foundAt, note: 'Seen.' }
    await page.getByLabel('What it was').fill('Asleep.')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByText('It was acknowledged already.').waitFor()
    await page.getByText('conflict', { exact: true }).waitFor()
  })

  it('shows somebody without the right what was found, and no form', async (test) => {
    const { page, world, open } = await stageFor(test, '/findings')
    world.me = makeMe('viewer', ['see'])
    await open('/findings?open=0192f000-0000-7000-8000-00000000ff01')
    await page.getByText('Your role does not acknowledge findings').waitFor()
    assert.equal(await page.getByLabel('What it was').count(), 0)
  })

  it('says on a session why its record is not whole, what was found, and gives the evidence', async (test) => {
    const { page } = await stageFor(test, `/sessions/${gappedSessionId}`)
    await page.getByText('it could not record everything. (entries 391 to 392)').waitFor()
    await page.getByRole('link', { name: 'E7: Rights stood longer than agreed' }).waitFor()
    const pack = page.getByRole('link', { name: 'Evidence pack' })
    assert.equal(await pack.getAttribute('href'), `/api/v1/sessions/${gappedSessionId}/bundle`)
    await page.getByText('stint verify').waitFor()
  })

  it('offers no evidence where there is none yet, or the role may not read it', async (test) => {
    const { page, world, open } = await stageFor(test, `/sessions/${liveSessionId}`)
    assert.equal(await page.getByRole('link', { name: 'Evidence pack' }).count(), 0)
    world.me = makeMe('approver', ['see', 'approve'])
    await open(`/sessions/${changedSessionId}`)
    await page.getByText('The computer’s signature is over every entry').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Evidence pack' }).count(), 0)
  })

  it('connects a webhook and shows its secret once', async (test) => {
    const { page, world } = await stageFor(test, '/connections')
    await page.getByRole('button', { name: 'Connect a system' }).click()
    await page.getByRole('radio', { name: 'Webhook' }).check()
    assert.equal(await page.getByLabel('Host').count(), 0)
    await page.getByLabel('Name').fill('Chat')
    await page.getByLabel('Address').fill('https://chat.example.org/hook')
    await page.getByRole('button', { name: 'Connect it' }).click()
    assert.equal(await page.getByRole('textbox', { name: 'Signing secret' }).inputValue(), webhookSecret)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('row', { name: /Chat/ }).waitFor()
    assert.deepEqual(world.sinks.at(-1)?.target, {
      kind: 'webhook',
      url: 'https://chat.example.org/hook',
      ca: null,
    })
    assert.equal((await page.content()).includes(webhookSecret), false)
  })

  it('sends a test and says why it did not arrive; pauses and disconnects', async (test) => {
    const { page, world } = await stageFor(test, '/connections')
    const act = async (item: string) => {
      await page.getByRole('button', { name: 'Actions for Ticket system' }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await act('Send a test')
    await page.getByText('Ticket system did not take the test.').waitFor()
    await act('Pause')
    await page
      .getByRole('row', { name: /Ticket system/ })
      .getByText('Paused')
      .waitFor()
    await act('Disconnect…')
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click()
    await page.getByText('It is sent nothing more.', { exact: true }).waitFor()
    assert.equal(
      world.sinks.some(({ name }) => name === 'Ticket system'),
      false,
    )
  })
})
