import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { makeMe } from '../../apps/console/test/fake-api/world.ts'
import { missingBrowser, openConsoleBrowser, setConsoleStage, tabTo } from './console-stage.ts'

describe('reports', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  async function stageFor(test: TestContext) {
    const stage = await setConsoleStage(browser)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    return stage
  }
  const rows = (page: Page) => page.locator('.st-table tbody tr')
  const figure = (page: Page, label: string) =>
    page.locator('.st-figures > div', { hasText: label }).locator('dd').innerText()
  const query = (page: Page) => new URL(page.url()).searchParams

  it('leads from the index to a report, by keyboard alone', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/')
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor()
    await tabTo(page, 'Temporary Session Elevation Usage')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Temporary Session Elevation Usage' }).waitFor()
  })

  it('narrows by the filters of the address, counts what is left, and goes back', async (test) => {
    const { page, world, open } = await stageFor(test)
    await open('/reports/usage?period=all')
    assert.equal(await figure(page, 'Sessions'), String(world.reports.usage.length))
    await page.keyboard.press('f')
    await page.getByLabel('Recording').and(page.locator('input')).click()
    await page.getByRole('option', { name: 'Incomplete' }).click()
    await page.getByRole('button', { name: 'Recording: Incomplete, take away' }).waitFor()
    const wanted = world.reports.usage.filter(({ completeness }) => completeness === 'incomplete')
    await page
      .locator('.st-figures dd', { hasText: new RegExp(`^${wanted.length}$`) })
      .first()
      .waitFor()
    assert.equal(await rows(page).count(), wanted.length)
    assert.equal(query(page).get('completeness'), 'incomplete')
    await page.goBack()
    await page.getByRole('button', { name: /take away/ }).waitFor({ state: 'detached' })
    assert.equal(query(page).get('completeness'), null)
  })

  it('shows more by cursor until the end, and sorts by a header', async (test) => {
    const { page, world, open } = await stageFor(test)
    await open('/reports/usage?period=all')
    assert.equal(await rows(page).count(), 50)
    await page.getByRole('button', { name: 'Show more' }).click()
    await rows(page)
      .nth(world.reports.usage.length - 1)
      .waitFor()
    assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0)
    await page.getByRole('columnheader', { name: 'Raised for' }).getByRole('button').click()
    await page
      .getByRole('columnheader', { name: 'Raised for' })
      .and(page.locator('[aria-sort="descending"]'))
      .waitFor()
    assert.equal(query(page).get('sort'), '-elevation')
  })

  it('shows exact days, and says the days of the chart as a table', async (test) => {
    const { page, world, open } = await stageFor(test)
    const [newest] = world.reports.usage
    const day = newest?.activatedAt.slice(0, 10) ?? ''
    await open(`/reports/usage?period=exact&from=${day}&to=${day}`)
    const wanted = world.reports.usage.filter(({ activatedAt }) => activatedAt.startsWith(day)).length
    assert.equal(await figure(page, 'Sessions'), String(wanted))
    await page.getByRole('button', { name: 'As a table' }).click()
    const table = page.getByRole('region', { name: 'Sessions, table' })
    assert.match(await table.innerText(), new RegExp(`\\d{4}\\s+${wanted}$`))
  })

  it('drills down to the session, the computer, the person and the processes', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/reports/usage?period=all')
    const second = rows(page).nth(1)
    await second.getByRole('link', { name: /processes of this session/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Processes launched' }).waitFor()
    assert.match(query(page).get('session') ?? '', /^0192f000-/)
    await page.goBack()
    await second.getByRole('link', { name: 'j.sato' }).click()
    await page.getByRole('button', { name: 'User: j.sato, take away' }).waitFor()
    await page.goto(`${new URL(page.url()).origin}/reports/usage?period=all`)
    await rows(page).nth(2).getByRole('link').first().click()
    await page.getByRole('heading', { level: 1, name: 'ana.lindqvist on nb-lindqvist-04' }).waitFor()
  })

  it('offers the whole of what is shown as CSV and JSON', async (test) => {
    const { page, world, open } = await stageFor(test)
    await open('/reports/usage?period=all&completeness=incomplete&sort=-elevation')
    await page.getByRole('button', { name: 'Export' }).click()
    const href = (await page.getByRole('menuitem', { name: /^JSON/ }).getAttribute('href')) ?? ''
    assert.equal(href, '/api/v1/reports/usage/export?completeness=incomplete&sort=-elevation&format=json')
    const answer = await page.request.get(new URL(href, page.url()).href)
    const wanted = world.reports.usage.filter(({ completeness }) => completeness === 'incomplete').length
    assert.equal(((await answer.json()) as unknown[]).length, wanted)
    const excel = await page.getByRole('menuitem', { name: 'CSV for Excel' }).getAttribute('href')
    assert.match(excel ?? '', /format=csv&bom=true$/)
  })

  it('saves filters, shares them, renames and deletes them', async (test) => {
    const { page, world, open } = await stageFor(test)
    await open('/reports/usage?mode=session&period=7d')
    await page.getByRole('button', { name: /^Saved/ }).click()
    await page.getByRole('menuitem', { name: 'Save these filters…' }).click()
    await page.keyboard.type('Whole sessions')
    await page.getByRole('switch', { name: /Share with everybody/ }).check()
    await page.keyboard.press('Enter')
    await page.getByText('Everybody who reads reports finds it').waitFor()
    const made = () => world.filters.find(({ id }) => id.startsWith('0192f000-0000-7000-8000-00000000000'))
    assert.deepEqual(
      [made()?.name, made()?.shared, made()?.filter],
      ['Whole sessions', true, { mode: 'session' }],
    )
    await page.getByRole('button', { name: /^Saved/ }).click()
    await page.getByRole('menuitem', { name: 'Rename, share, delete…' }).click()
    await page.getByLabel('Name of Whole sessions').fill('All sessions')
    await page.keyboard.press('Enter')
    await page.getByLabel('Name of All sessions').waitFor()
    await page.getByRole('button', { name: 'Delete All sessions' }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByLabel('Name of All sessions').waitFor({ state: 'detached' })
    assert.equal(made(), undefined)
  })

  it('refuses to delete a filter that a schedule uses: conflict', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/reports/usage')
    await page.getByRole('button', { name: /^Saved/ }).click()
    await page.getByRole('menuitem', { name: 'Rename, share, delete…' }).click()
    await page.getByRole('button', { name: 'Delete Incomplete records' }).click()
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('A schedule uses this filter.').waitFor()
    await page.getByText('conflict', { exact: true }).waitFor()
  })

  it('uses a saved filter and keeps the period', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/reports/usage?period=90d')
    await page.getByRole('button', { name: /^Saved/ }).click()
    await page.getByRole('menuitem', { name: 'By telephone' }).click()
    await page.getByRole('button', { name: 'How it was given: Response code, take away' }).waitFor()
    assert.equal(query(page).get('period'), '90d')
  })

  it('prints what is shown without what moves around in it', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/reports/usage?completeness=incomplete')
    await page.emulateMedia({ media: 'print' })
    assert.equal(await page.getByRole('complementary', { name: 'Sidebar' }).isVisible(), false)
    assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false)
    assert.equal(await page.getByText(/^Last 30 days; Recording: Incomplete\. Printed /).isVisible(), true)
    assert.equal(await rows(page).first().isVisible(), true)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(
      await page.evaluate("getComputedStyle(document.querySelector('h1')).color"),
      'rgb(20, 25, 29)',
    )
  })

  it('says why the rows could not be read, and reads them again: fault', async (test) => {
    const { page, world, open } = await stageFor(test)
    world.failNext = {
      method: 'GET',
      path: '/reports/denied',
      status: 409,
      code: 'fault',
      title: 'Broken.',
      hint: 'Try again.',
    }
    await open('/reports/denied')
    await page.getByText('The rows could not be read.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await rows(page).first().waitFor()
  })

  it('shows what each computer applies, setting by setting', async (test) => {
    const { page, open } = await stageFor(test)
    await open('/reports/effective-policy')
    await page.getByRole('button', { name: /nb-field-11/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Policy 3; it should have 4').waitFor()
    assert.match(
      await dialog.getByRole('row', { name: /Offline codes/ }).innerText(),
      /Yes\s+Version 4, Ingrid Berg/,
    )
  })

  it('is not there for a role that may not read reports', async (test) => {
    const { page, world, open } = await stageFor(test)
    world.me = makeMe('viewer', ['see'])
    await open('/reports/usage')
    await page.getByText('Your role does not read reports').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Reports', exact: true }).count(), 0)
  })
})

describe('scheduled reports', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  async function stageFor(test: TestContext) {
    const stage = await setConsoleStage(browser)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    await stage.open('/schedules')
    const act = async (schedule: string, item: string) => {
      await stage.page.getByRole('button', { name: `Actions for ${schedule}` }).click()
      await stage.page.getByRole('menuitem', { name: item }).click()
    }
    return { ...stage, act }
  }

  it('schedules a report by e-mail, with the subject as it will read', async (test) => {
    const { page, world } = await stageFor(test)
    await page.getByRole('button', { name: 'Schedule a report' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Denied, daily')
    await dialog.getByLabel('Report', { exact: true }).and(page.locator('input')).click()
    await page.getByRole('option', { name: 'Denied starts' }).click()
    await dialog.getByText('Daily').click()
    await dialog.locator('input[type=time]').fill('05:45')
    await dialog.getByLabel('Addresses').fill('a@example.org, b@example.org')
    await dialog.getByLabel('Subject').fill('Stint: {report}')
    await dialog.getByText('Reads: Stint: Denied starts').waitFor()
    await dialog.getByRole('button', { name: 'Schedule it' }).click()
    await page.getByText('Every day at 05:45').waitFor()
    const made = world.schedules.at(-1)
    assert.deepEqual(
      [made?.report, made?.target],
      ['denied', { kind: 'email', to: ['a@example.org', 'b@example.org'] }],
    )
    assert.equal(made?.when.every, 'daily')
  })

  it('says why the last one was not sent and when it is tried again', async (test) => {
    const { page } = await stageFor(test)
    const row = page.getByRole('row', { name: /Requests of the day/ })
    assert.match(
      await row.innerText(),
      /Not sent yet.*did not answer within 30 seconds\..*3 tries, again in 14 min/s,
    )
  })

  it('pauses, sends now, and deletes after asking', async (test) => {
    const { page, world, act } = await stageFor(test)
    const name = 'Incomplete records, every Monday'
    await act(name, 'Pause')
    await page
      .getByRole('row', { name: /Incomplete records/ })
      .getByText('Paused')
      .waitFor()
    await act(name, 'Send now')
    await page.getByText('asked for by hand').waitFor()
    await act(name, 'Delete…')
    await page.getByRole('button', { name: 'Delete schedule' }).click()
    await page.getByText('Nothing more is sent by it. What was sent').waitFor()
    assert.equal(
      world.schedules.some((schedule) => schedule.name === name),
      false,
    )
  })
})
