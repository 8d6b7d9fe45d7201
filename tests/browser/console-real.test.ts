import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { missingBrowser, openConsoleBrowser } from './console-stage.ts'

const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

/** Server and issuer as `npm start` runs them, without this computer's agent, in a folder of their own. */
interface Up {
  readonly url: string
  readonly ownerLink: string
  close(): Promise<void>
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function startUp(): Promise<Up> {
  const listen = `127.0.0.1:${await freePort()}`
  const data = mkdtempSync(join(tmpdir(), 'stint-console-'))
  const child = spawn(
    process.execPath,
    [cli, 'up', '--data', data, '--listen', listen, '--no-agent', '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const close = async () => {
    await ended(child)
    rmSync(data, { recursive: true, force: true })
  }
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { url: string; ownerLink: string; ready: boolean }
      if (said.ready) return { url: said.url, ownerLink: said.ownerLink, close }
    }
    throw new Error('stint up ended before it was ready')
  } catch (error) {
    await close()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await closed
}

describe('the console before the real server', { skip: missingBrowser() }, () => {
  const password = 'four words make one'
  let browser: Browser
  let up: Up
  let page: Page
  const complaints: string[] = []

  before(async () => {
    browser = await openConsoleBrowser()
    up = await startUp()
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
  })
  after(async () => {
    await browser?.close()
    await up?.close()
  })

  const heading = (name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

  it('lets the first owner in by the link that was printed, and says what to do first', async () => {
    await page.goto(up.ownerLink)
    await page.getByLabel('Your name').fill('Ingrid Berg')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
    await heading('Overview')
    await page.getByText('Enrol a first computer').waitFor()
    await page.getByText('Decide about codes by telephone').waitFor()
  })

  it('refuses the same link a second time: link-used', async () => {
    const other = await browser.newContext()
    const stranger = await other.newPage()
    await stranger.goto(up.ownerLink)
    await stranger.getByText('link-used').waitFor()
    await other.close()
  })

  it('saves the policy, and the first steps that are done go away', async () => {
    await page.goto(`${up.url}/policy`)
    await page.getByLabel('Telephone').fill('+46 8 123 45 67')
    await page.getByText('Offline codes').click()
    await page.getByText('2 unsaved changes').waitFor()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Computers take the new policy').waitFor()
    await page.goto(up.url)
    await page.getByText('Enrol a first computer').waitFor()
    assert.equal(await page.getByText('Decide about codes by telephone').count(), 0)
    assert.equal(await page.getByText('Say whom to call').count(), 0)
  })

  it('invites somebody whose link works', async () => {
    await page.goto(`${up.url}/people?invite=yes`)
    await page.getByRole('dialog').getByLabel('E-mail').fill('tomasz.nowak@example.org')
    await page.keyboard.press('Enter')
    const link = await page.getByRole('textbox', { name: 'One-time link' }).inputValue()
    const other = await browser.newContext()
    const approver = await other.newPage()
    await approver.goto(link)
    await approver.getByLabel('Your name').fill('Tomasz Nowak')
    await approver.getByLabel('Password', { exact: true }).fill(password)
    await approver.keyboard.press('Enter')
    await approver.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await approver.getByRole('link', { name: 'Answer a code' }).first().waitFor()
    assert.equal(await approver.getByRole('link', { name: 'People' }).count(), 0)
    await other.close()
  })

  it('makes an enrolment command and lists it as still working', async () => {
    await page.goto(`${up.url}/computers?enrol=yes`)
    await page.getByRole('button', { name: 'Make the command' }).click()
    assert.match(await page.getByLabel('Command', { exact: true }).inputValue(), /stint/)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('0 of 1 used').waitFor()
  })

  it('refuses the code of a computer that nobody knows', async () => {
    await page.goto(`${up.url}/answer`)
    await page.getByLabel('Request code').fill('00K7P-D2M4Q-XA9T3')
    await page.getByText('unknown-device').waitFor()
  })

  it('reads a report, keeps its filters and exports it', async () => {
    await page.goto(`${up.url}/reports/usage?period=7d`)
    await heading('Temporary Session Elevation Usage')
    await page.getByText('Nobody had raised rights that fit these filters.').waitFor()
    assert.match(await page.locator('.st-figures > div').first().innerText(), /Sessions\s+0/)
    await page.goto(`${up.url}/reports/usage?period=7d&completeness=incomplete`)
    await page.getByRole('button', { name: /^Saved/ }).click()
    await page.getByRole('menuitem', { name: 'Save these filters…' }).click()
    await page.keyboard.type('Incomplete records')
    await page.keyboard.press('Enter')
    await page.getByText('You find it under Saved.').waitFor()
    await page.goto(`${up.url}/reports`)
    await page.getByRole('link', { name: 'Incomplete records' }).click()
    await page.getByRole('button', { name: 'Recording: Incomplete, take away' }).waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    const href = await page.getByRole('menuitem', { name: 'CSV for Excel' }).getAttribute('href')
    const file = await page.request.get(new URL(href ?? '', up.url).href)
    assert.match(file.headers()['content-disposition'] ?? '', /filename="stint-usage-.*\.csv"/)
    assert.match(await file.text(), /^\ufeff.*Session.*User.*Computer/)
  })

  it('says that nothing was found, nothing is connected and nothing is scheduled yet', async () => {
    await page.goto(`${up.url}/findings`)
    await page.getByText('Everything that was checked fits together').waitFor()
    await page.goto(`${up.url}/schedules`)
    await page.getByText('No report is sent by itself yet').waitFor()
    await page.goto(`${up.url}/connections`)
    await page.getByText('Nothing is connected yet').waitFor()
  })

  it('lists in the ledger what was done', async () => {
    await page.goto(`${up.url}/ledger`)
    await heading('Ledger')
    for (const fact of ['Policy changed', 'Person invited', 'Enrolment command made', 'First owner made']) {
      await page.getByText(fact, { exact: true }).first().waitFor()
    }
  })

  it('signs out, and in again with the password', async () => {
    const me = (await (await page.request.get(`${up.url}/api/v1/me`)).json()) as { email: string }
    await page.getByRole('button', { name: /Account and theme/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await heading('Sign in')
    assert.equal((await page.request.get(`${up.url}/api/v1/me`)).status(), 401)
    await page.getByLabel('E-mail').fill(me.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.keyboard.press('Enter')
    await heading('Ledger')
    assert.deepEqual(complaints, [])
  })
})
