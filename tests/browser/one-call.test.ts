/**
 * Both faces of one call: an approver at the console, a person before a computer without a network, each in a real
 * browser. Issuer, server, agent, courier, account, sudo and the cut network are real too.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ALPHABET, spell } from '@stint/code'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildFaces } from '../../tools/build/faces.ts'
import { until, whyNot } from '../compliance/os-fixture.ts'
import { Workplace } from '../compliance/workplace.ts'
import { focusedName, missingBrowser, openConsoleBrowser, tabTo } from './console-stage.ts'
import { inspect } from './inspection.ts'
import { openPersonPage } from './person-window.ts'

const missing = whyNot('sudo', 'visudo', 'useradd', 'runuser', 'ip', 'setpriv')
const skip = missing || (process.env.CI !== 'true' && missingBrowser())
const telephone = '+46 8 123 45 67'
const reason = 'The label printer needs its driver, on a train'
/** How long the code may stay on the approver's screen, and a little more. */
const untilHiddenMs = 121_000

describe('one call, seen from both ends', { skip, timeout: 600_000 }, () => {
  const complaints: string[] = []
  let browser: Browser
  let place: Workplace
  /** The owner's main window. */
  let office: Page
  /** The person's own page. */
  let own: Page
  let requestCode = ''
  let responseCode = ''

  before(async () => {
    await buildFaces()
    browser = await openConsoleBrowser()
    place = await Workplace.open()
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    office = await openWindow(context)
  })
  after(async () => {
    try {
      await browser?.close()
    } finally {
      await place?.close()
    }
    assert.deepEqual(complaints, [])
  })

  async function openWindow(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    watch(page)
    return page
  }

  /** Broken scripts and what the content security policy stopped; a refused call is no complaint. */
  function watch(page: Page): void {
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
  }

  test('the owner comes in by the link that works once, and is told what to do first', async () => {
    await office.goto(place.office.ownerLink)
    await heading(office, 'Welcome to Stint')
    await inspect(office, '01-join')
    await tabTo(office, /^Your name/)
    await office.keyboard.type('Carol Lindgren')
    await tabTo(office, /^Password/)
    await office.keyboard.type('correct horse battery staple')
    await office.keyboard.press('Enter')
    await heading(office, 'Overview')
    await office.getByText('Decide about codes by telephone').waitFor()
    await inspect(office, '02-first-steps')
  })

  test('turns codes by telephone on, and says whom to call', async () => {
    await goBy(office, 'p', 'Policy')
    await office.getByRole('switch', { name: 'Offline codes' }).focus()
    await office.keyboard.press('Space')
    await office.getByLabel('Telephone').fill(telephone)
    await office.getByText('2 unsaved changes').waitFor()
    await inspect(office, '03-policy')
    await tabTo(office, 'Save changes')
    await office.keyboard.press('Enter')
    await office.getByText('Computers take the new policy').waitFor()
  })

  test('connects the computer with the command that the console makes', async () => {
    await office.goto(`${place.office.url}/computers?enrol=yes`)
    await office.getByRole('button', { name: 'Make the command' }).click()
    const command = await office.getByLabel('Command', { exact: true }).inputValue()
    await inspect(office, '04-enrol')
    await place.enrol(/stint-enroll\.\S+/.exec(command)?.[0] ?? assert.fail(command))
    await office.getByRole('button', { name: 'Done' }).click()
    await office.getByText('Online').first().waitFor()
    await inspect(office, '05-computers')
  })

  test('without a network the person is told so in plain words, and gets a code and a number to call', async () => {
    const page = await openPersonPage(place, browser)
    watch(page)
    own = page
    await heading(own, 'Ask for administrator rights')
    await place.network.cut()
    assert.equal(await place.computer.canAct(place.person.uid), false)
    await tabTo(own, /^What do you need them for/)
    await own.keyboard.type(reason)
    await inspect(own, '10-ask')
    await own.keyboard.press('Control+Enter')
    await own.getByText('The server cannot be reached from here.').waitFor({ timeout: 60_000 })
    await heading(own, 'Read this code to an approver')
    assert.equal(await own.getByRole('link', { name: telephone }).getAttribute('href'), 'tel:+4681234567')
    requestCode = await shownCode(own)
    assert.equal(requestCode.length, 15)
    await inspect(own, '11-read-this-code')
  })

  test('WEB-9 WEB-10: the approver answers by keyboard alone, and the code leaves the screen', async () => {
    const call = await openWindow(
      await browser.newContext({ storageState: await office.context().storageState() }),
    )
    await call.setViewportSize({ width: 1440, height: 900 })
    await call.clock.install()
    await call.goto(place.office.url)
    await heading(call, 'Overview')
    await call.keyboard.press('c')
    await call.getByLabel('Request code').waitFor()
    await inspect(call, '20-answer')
    await call.getByLabel('Request code').focus()
    await call.keyboard.type(requestCode.slice(0, 5).toLowerCase())
    await call.locator('.c-identified strong').waitFor()
    await inspect(call, '21-computer-known')
    await call.keyboard.type(requestCode.slice(5).toLowerCase())
    await call.getByText('How do you know who is calling?').waitFor()
    await call.getByText(place.person.name).first().waitFor()
    const make = call.getByRole('button', { name: 'Say first how you know the caller' })
    assert.equal(await make.isDisabled(), true)
    await call.keyboard.press('2')
    await tabTo(call, /minutes?$/)
    await inspect(call, '22-decide')
    for (let step = 0; step < 6 && (await focusedName(call)) !== '10 minutes'; step += 1) {
      await call.keyboard.press('ArrowLeft')
    }
    await call.keyboard.press('Enter')
    await call.getByRole('region', { name: 'Response code' }).waitFor()
    responseCode = await shownCode(call)
    assert.equal(responseCode.length, 10)
    await inspect(call, '23-response-code')
    await call.clock.runFor(untilHiddenMs)
    await call.getByRole('heading', { name: 'Response code hidden' }).waitFor()
    assert.equal((await call.content()).includes(responseCode.slice(0, 5)), false)
    await inspect(call, '24-hidden')
    await call.context().close()
  })

  test('a slip is told from a wrong code and costs no try; the right code gives the rights', async () => {
    const slipped = (ALPHABET.indexOf(responseCode.at(-1) ?? '') + 1) % ALPHABET.length
    await tabTo(own, /^Enter the answer/)
    await own.keyboard.type(responseCode.slice(0, -1) + ALPHABET[slipped])
    const tries = await own.getByText(/tries are left/).innerText()
    await own.keyboard.press('Enter')
    await own.getByRole('alert').filter({ hasText: 'This did not count as a try.' }).waitFor()
    assert.equal(await own.getByText(/tries are left/).innerText(), tries)
    assert.equal(await place.computer.canAct(place.person.uid), false)
    await inspect(own, '30-typing-error')
    await own.getByLabel('Enter the answer').fill('')
    await own.keyboard.type(responseCode.toLowerCase())
    await own.keyboard.press('Enter')
    await heading(own, 'You have administrator rights')
    await own.getByText('For 10 minutes.', { exact: true }).waitFor()
    const left = await own.getByRole('timer').first().innerText()
    assert.match(left, /^(9:\d\d|10:00)/)
    await inspect(own, '31-session')
  })

  test('sudo is really his until he ends it on the page', async () => {
    assert.equal(await place.computer.canAct(place.person.uid), true)
    await own.getByText(/So far: [1-9]\d* programs?\./).waitFor()
    await tabTo(own, 'End now')
    await own.keyboard.press('Enter')
    await own.getByRole('dialog').waitFor()
    await inspect(own, '32-end')
    await own.getByRole('dialog').getByRole('button', { name: 'End now' }).press('Enter')
    await heading(own, 'Ask for administrator rights')
    await own.getByText('Ended by the user').waitFor()
    await inspect(own, '33-ended')
    const { stderr } = await place.computer.as(place.person, 'exec sudo -n id -u')
    assert.match(stderr, /a password is required|not allowed/)
  })

  test('with the network back, the console says who asked, who agreed and what ran', async () => {
    await place.network.mend()
    await office.goto(`${place.office.url}/sessions?tab=past`)
    const session = office.getByRole('link', { name: new RegExp(place.person.name) })
    await session.waitFor({ timeout: 100_000 })
    await inspect(office, '40-past-sessions')
    await session.press('Enter')
    await heading(office, new RegExp(`^${place.person.name} on `))
    await office.getByText('The record is complete').waitFor({ timeout: 60_000 })
    const facts = (await office.locator('.c-session').innerText()).replace(/\s+/g, ' ')
    for (const fact of [
      `Reason ${reason}`,
      `Asked by ${place.person.name}`,
      'Agreed by Carol Lindgren',
      'How it travelled Response code, by telephone',
      'Granted 10 minutes',
      'Ended by the user',
      'Yes, read again and proven',
    ]) {
      assert.ok(facts.includes(fact), `${fact}: ${facts}`)
    }
    assert.doesNotMatch(facts, /\d{4}-\d\d-\d\dT/)
    await office.getByRole('treeitem', { name: /^id -u/ }).waitFor()
    const rows = await office.getByRole('treeitem').count()
    await inspect(office, '41-session')
    await office.getByRole('switch', { name: /own hook \(\d+\)/ }).press('Space')
    await office
      .getByRole('treeitem', { name: /\/join/ })
      .first()
      .waitFor()
    assert.ok((await office.getByRole('treeitem').count()) > rows)
    await inspect(office, '42-session-with-hook')
  })

  test('over the network, an approval by keyboard reaches the person’s page within seconds', async () => {
    await tabTo(own, /^What do you need them for/)
    await own.keyboard.type('And now its second driver, at my desk')
    await own.keyboard.press('Control+Enter')
    await heading(own, 'Waiting for an approver')
    await inspect(own, '50-waiting')
    await goBy(office, 'r', 'Requests')
    await office.getByRole('link', { name: new RegExp(place.person.name) }).waitFor()
    await inspect(office, '51-requests')
    await tabTo(office, new RegExp(`^${place.person.name}`))
    await office.keyboard.press('Enter')
    await office.getByRole('button', { name: /^Approve/ }).waitFor()
    await inspect(office, '52-request')
    await tabTo(office, /^Approve \d+/)
    await office.keyboard.press('Enter')
    await own
      .getByRole('heading', { level: 1, name: 'You have administrator rights' })
      .waitFor({ timeout: 5_000 })
    await inspect(own, '53-approved')
    await until('sudo is his', () => place.computer.canAct(place.person.uid))
    await goBy(office, 's', 'Sessions')
    await office.getByRole('link', { name: new RegExp(place.person.name) }).waitFor()
    await inspect(office, '54-live-session')
  })
})

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** Goes to a page of the console by its two keys. */
async function goBy(page: Page, key: string, title: string): Promise<void> {
  await page.keyboard.press('g')
  await page.keyboard.press(key)
  await heading(page, title)
  await page.locator('body:not(:has([aria-busy="true"]))').waitFor()
}

/** The symbols of the code on a screen; every one must stand over its spelling word. */
async function shownCode(page: Page): Promise<string> {
  const code = page.locator('.st-code')
  const symbols = await code.locator('.st-code-symbol').allTextContents()
  const words = await code.locator('.st-code-word').allTextContents()
  assert.deepEqual(
    words.map((word) => word.toLowerCase()),
    symbols.map((symbol) => spell(symbol)[0]?.word.toLowerCase()),
  )
  return symbols.join('')
}
