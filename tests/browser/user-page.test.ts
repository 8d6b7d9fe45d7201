import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import AxeBuilder from '@axe-core/playwright'
import { refuse } from '@stint/elevation'
import type { Browser, Page } from 'playwright-core'
import {
  at,
  ids,
  openRequest,
  requestCode,
  session,
  userStatus,
} from '../../apps/cli/test/fake-door/fake-door.ts'
import { missing, openBrowser, type Stage, type StageOptions, setStage } from './user-page-stage.ts'

const why = missing()
if (why !== false && process.env.CI) throw new Error(why)

/** The fake agent's clock stands; so that times left are exact, the browser's clock stands at the same moment. */
const inMinutes = (minutes: number) => new Date(Date.parse(at) + minutes * 60_000).toISOString()
const policy = { ...userStatus().policy, offlineCodes: true }
const offline = { ...userStatus().device, online: false }

describe('the user’s page', { skip: why, timeout: 240_000 }, () => {
  let browser: Browser
  let stage: Stage | undefined
  before(async () => {
    browser = await openBrowser()
  })
  after(() => browser?.close())
  afterEach(async () => {
    const complaints = stage?.complaints ?? []
    await stage?.close()
    stage = undefined
    assert.deepEqual(complaints, [])
  })

  const open = async (options: StageOptions = {}) => {
    stage = await setStage(browser, options)
    await heading(stage.page, /./)
    return stage
  }

  test('asks with a reason, for a time, and shows the code with words and digits', async () => {
    const { page, door } = await open({ status: { policy } })
    await page.getByLabel('What do you need them for?').fill('Install the printer driver')
    await page.getByLabel('30 minutes').check()
    await page.getByLabel('Ticket number, if you have one').fill('INC-42')
    await page.getByRole('button', { name: 'Ask now' }).click()
    await heading(page, 'Waiting for an approver')
    const asked = door.calls.find(({ call }) => call === 'request')
    assert.deepEqual(asked, {
      id: 1,
      call: 'request',
      reason: 'Install the printer driver',
      minutes: 30,
      mode: 'session',
      ticket: 'INC-42',
    })
    const code = page.getByRole('region', { name: 'Request code' })
    assert.match(
      (await code.innerText()).replace(/\s+/g, ' '),
      /November.*Yankee.*0315 8102 2529 1625 2635 2101/i,
    )
  })

  test('says what is missing from a request and asks nothing of the agent', async () => {
    const { page, door } = await open({ status: { policy: { ...policy, ticketRequired: true } } })
    await page.getByLabel('What do you need them for?').fill('print')
    await page.getByText('5 more characters').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByText('Say a little more: at least 10 characters.').waitFor()
    await page.getByText('Your organisation wants a ticket number.').waitFor()
    assert.equal(
      door.calls.some(({ call }) => call === 'request'),
      false,
    )
  })

  test('shows a refusal with the next step and its code', async () => {
    const { page, door } = await open({ status: { policy } })
    door.refusals.set('request', refuse('too-many-requests'))
    await page.getByLabel('What do you need them for?').fill('Install the printer driver')
    await page.getByRole('button', { name: 'Ask now' }).click()
    const alert = page.getByRole('alert')
    assert.match(
      await alert.innerText(),
      /too many requests for now[\s\S]*try again later[\s\S]*too-many-requests/,
    )
  })

  test('without a server says to read the code, and offers the contacts with the code filled in', async () => {
    const { page } = await open({
      status: { policy, device: offline, request: openRequest({ sent: false }) },
    })
    await heading(page, 'Read this code to an approver')
    assert.equal(await page.getByRole('link', { name: /\+44/ }).getAttribute('href'), 'tel:+442079460100')
    const mail = new URL((await page.getByRole('link', { name: /help@/ }).getAttribute('href')) ?? '')
    assert.equal(mail.pathname, 'help@example.org')
    assert.match(
      mail.searchParams.get('body') ?? '',
      new RegExp(`${requestCode}[\\s\\S]*Install the printer driver`),
    )
    const ticket = page.getByRole('link', { name: /tickets/ })
    assert.deepEqual(
      [await ticket.getAttribute('href'), await ticket.getAttribute('rel')],
      ['https://tickets.example.org/new', 'noopener noreferrer'],
    )
  })

  test('opens no ticket address that is not a web page', async () => {
    const contacts = { email: '', telephone: '', link: 'javascript:alert(1)' }
    const { page } = await open({
      status: { policy, contacts: { ...contacts, telephone: '112' }, request: openRequest() },
    })
    await page.getByRole('link', { name: /112/ }).waitFor()
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0)
  })

  test('echoes a typed answer, sends it with Enter and shows the rights', async () => {
    const { page, door } = await open({ status: { policy, request: openRequest({ sent: false }) } })
    await page.getByLabel('Enter the answer').fill('6g1ra yeh3')
    await page.getByText('Hotel', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('1 more symbols to go.').waitFor()
    assert.equal(
      door.calls.some(({ call }) => call === 'answer'),
      false,
    )
    await page.getByLabel('Enter the answer').fill('6g1ra yeh30')
    await page.keyboard.press('Enter')
    await heading(page, 'You have administrator rights')
    assert.deepEqual(
      door.calls.find(({ call }) => call === 'answer'),
      { id: 1, call: 'answer', text: '6g1ra yeh30' },
    )
  })

  test('says that a wrong answer was wrong and how many tries are left', async () => {
    const { page, door } = await open({ status: { policy, request: openRequest({ sent: false }) } })
    door.refusals.set('answer', refuse('bad', { details: { triesLeft: 1 } }))
    await page.getByLabel('Enter the answer').fill('6G1RA-YEH30')
    await page.getByRole('button', { name: 'Use the answer' }).click()
    await page.getByText(/That code does not fit your open request\. Read the request code/).waitFor()
    door.change({ request: openRequest({ sent: false, triesLeft: 1 }) })
    await page.getByText('One try is left for this request.').waitFor()
  })

  test('counts a pause down and takes no answer meanwhile', async () => {
    const pause = { kind: 'wait' as const, remainingMs: 95_000 }
    const { page } = await open({ status: { policy, request: openRequest({ sent: false }), pause } })
    await page.getByText(/Try again in/).waitFor()
    assert.match(await page.getByRole('timer').innerText(), /1:3\d/)
    assert.equal(await page.getByLabel('Enter the answer').isDisabled(), true)
    assert.equal(await page.getByRole('button', { name: 'Use the answer' }).isDisabled(), true)
  })

  test('shows the time left, what is recorded, and ends the rights after asking', async () => {
    // This one also reads the tab's title, which is drawn at once: both clocks stand alike.
    const fromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
    const rights = session({ startedAt: fromNow(0), endsAt: fromNow(13) })
    const { page, door } = await open({ status: { now: fromNow(0), session: rights } })
    const timer = page.getByRole('timer').filter({ hasText: /1[23]:\d\d/ })
    await timer.waitFor()
    await page.getByText('So far: 3 programs.').waitFor()
    assert.match(await page.title(), /^1[23] min left/)
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByRole('dialog').getByText('Save your work first.').waitFor()
    assert.equal(
      door.calls.some(({ call }) => call === 'end'),
      false,
    )
    await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click()
    await heading(page, 'Ask for administrator rights')
    await page.getByText('Ended by the user').waitFor()
  })

  test('says so five minutes and one minute before the end, and after it', async () => {
    const { page, door } = await open({ status: { session: session({ endsAt: inMinutes(5) }) } })
    await door.watched(1)
    door.change({}, 'five-minutes')
    await page.getByText('Administrator rights end in 5 min', { exact: true }).waitFor()
    door.change({ session: session({ endsAt: inMinutes(1) }) }, 'one-minute')
    await page.getByText('Administrator rights end in 1 min', { exact: true }).waitFor()
    await page.getByText('Save your work: programs are ended then').waitFor()
    door.change({ session: null }, 'ended')
    await page.getByText('Administrator rights are over', { exact: true }).waitFor()
    await heading(page, 'Ask for administrator rights')
  })

  test('changes by itself when it is approved, and leaves the keyboard on the new heading', async () => {
    const { page, door } = await open({ status: { policy, request: openRequest() } })
    await door.watched(1)
    door.change({ request: null, session: session({ endsAt: inMinutes(15) }) }, 'approved')
    await heading(page, 'You have administrator rights')
    await page
      .getByRole('status')
      .filter({ hasText: 'You have administrator rights. For 15 minutes.' })
      .waitFor()
    assert.equal(await page.evaluate('document.activeElement?.tagName'), 'H1')
  })

  test('WEB-13: brings the approver’s note of a denial as text, until it is put away', async () => {
    const note = 'Use the <b>shop</b> instead'
    const { page } = await open({
      status: { lastDecision: { requestId: ids.request, state: 'denied', note, at } },
    })
    await page.getByText(note, { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Put away' }).click()
    await page.reload()
    await heading(page, 'Ask for administrator rights')
    assert.equal(await page.getByText(note).count(), 0)
  })

  test('says that the computer is not enrolled', async () => {
    const device = { ...offline, enrolled: false, lastContactAt: null }
    const { page } = await open({ status: { device } })
    await heading(page, 'This computer is not connected to a Stint server yet.')
  })

  test('says that the agent is not running', async () => {
    const { page, door } = await open()
    door.babble('nonsense\n')
    door.faults.set('watch', refuse('busy'))
    await heading(page, 'The Stint agent is not running on this computer.')
    door.faults.clear()
    await heading(page, 'Ask for administrator rights')
  })

  test('opened without its key, or with one that was used, shows nothing of the person', async () => {
    const { url, page } = await open({ status: { session: session({ endsAt: inMinutes(13) }) } })
    assert.equal(new URL(page.url()).hash, '', 'the key is taken out of the address')
    const stranger = await browser.newContext()
    try {
      const other = await stranger.newPage()
      await other.goto(url)
      await heading(other, 'This page is no longer connected to your computer.')
      assert.equal(await other.getByText('Install the printer driver').count(), 0)
    } finally {
      await stranger.close()
    }
  })

  const states: Record<string, StageOptions['status']> = {
    'asking after a denial': {
      policy: { ...policy, ticketRequired: true },
      lastDecision: { requestId: ids.request, state: 'denied', note: 'Use the shop', at },
    },
    'waiting for an approver': { policy, request: openRequest() },
    'reading the code': { policy, device: offline, request: openRequest({ sent: false }) },
    'a pause': { policy, request: openRequest(), pause: { kind: 'wait', remainingMs: 95_000 } },
    'a session': { session: session({ endsAt: inMinutes(2) }) },
    'a computer that is not enrolled': { device: { ...offline, enrolled: false } },
  }
  for (const [name, status] of Object.entries(states))
    for (const [width, colorScheme] of [
      [1440, 'light'],
      [390, 'dark'],
    ] as const)
      test(`${name} is accessible and fits, ${width} wide, ${colorScheme}`, async () => {
        const { page } = await open({ width, colorScheme, status: status ?? {} })
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
          .analyze()
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
          [],
        )
        const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
        assert.ok(overflow <= 0, `${overflow} px wider than the screen`)
      })
})

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor({ timeout: 10_000 })
}
