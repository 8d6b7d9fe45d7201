import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { Browser } from 'playwright-core'
import { knownCode, mistypedCode, responseText } from '../../apps/console/test/fake-api/codes.ts'
import { callRequestId } from '../../apps/console/test/fake-api/requests.ts'
import { liveSessionId } from '../../apps/console/test/fake-api/sessions.ts'
import { makeMe } from '../../apps/console/test/fake-api/world.ts'
import { focusedName, missingBrowser, openConsoleBrowser, setConsoleStage, tabTo } from './console-stage.ts'

const waitingId = '0192f000-0000-7000-8000-00000000dd02'

describe('the console, in a real browser', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  /** A stage that closes with its test, whatever happens, and on which nothing may go wrong unseen. */
  async function stageFor(test: TestContext, options: Parameters<typeof setConsoleStage>[1] = {}) {
    const stage = await setConsoleStage(browser, options)
    test.after(async () => {
      await stage.close()
      assert.deepEqual(stage.complaints, [])
    })
    return stage
  }

  describe('coming in', () => {
    it('lets the owner of a one-time link in, once, with a name and a password', async (test) => {
      const { page, world, open } = await stageFor(test, { signedIn: false })
      await open('/join/welcome')
      await page.keyboard.type('Nils Holm')
      await page.keyboard.press('Tab')
      await page.keyboard.type('too short')
      assert.equal(await page.getByRole('button', { name: 'Join and go on' }).isDisabled(), true)
      await page.keyboard.type(' no longer')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      assert.equal(world.me?.name, 'Nils Holm')
      assert.equal(world.joinTokens.welcome, undefined)
    })

    it('refuses a used link: link-used', async (test) => {
      const { page, open } = await stageFor(test, { signedIn: false })
      await open('/join/used')
      await page.getByText('link-used').waitFor()
      await page.getByText('Ask for a new one.').waitFor()
    })

    it('refuses a wrong password: wrong-credentials, and keeps what was typed', async (test) => {
      const { page, world, open } = await stageFor(test, { signedIn: false })
      await open('/sign-in')
      await page.keyboard.type(world.account.email)
      await page.keyboard.press('Tab')
      await page.keyboard.type('not the one')
      await page.keyboard.press('Enter')
      await page.getByText('wrong-credentials').waitFor()
      assert.equal(await page.getByLabel('E-mail').inputValue(), world.account.email)
    })

    it('comes back to the page that was asked for after signing in', async (test) => {
      const { page, world, open } = await stageFor(test, { signedIn: false })
      await open('/sessions?tab=past')
      await page.getByLabel('E-mail').fill(world.account.email)
      await page.getByLabel('Password', { exact: true }).fill(world.account.password)
      await page.keyboard.press('Enter')
      await page.getByRole('tab', { name: 'Past', selected: true }).waitFor()
      assert.equal(new URL(page.url()).pathname, '/sessions')
    })

    it('never leads to another site after signing in', async (test) => {
      const { page, world, server, open } = await stageFor(test, { signedIn: false })
      await open('/sign-in?return=//evil.example/x')
      await page.getByLabel('E-mail').fill(world.account.email)
      await page.getByLabel('Password', { exact: true }).fill(world.account.password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      assert.equal(page.url(), `${server.url}/`)
    })

    it('asks to sign in again when the session is over, and then goes on', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/computers')
      world.me = null
      await page.keyboard.press('g')
      await page.keyboard.press('s')
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
      await page.getByLabel('E-mail').fill(world.account.email)
      await page.getByLabel('Password', { exact: true }).fill(world.account.password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor()
    })
  })

  describe('requests', () => {
    it('approves a waiting request by keyboard alone', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/')
      await page.keyboard.press('g')
      await page.keyboard.press('r')
      await page.getByRole('link', { name: /ana.lindqvist/ }).waitFor()
      await tabTo(page, /^ana.lindqvist/)
      await page.keyboard.press('ArrowDown')
      assert.match(await focusedName(page), /^b.okafor/)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Approve 45 minutes' }).waitFor()
      await tabTo(page, '45 minutes, as asked')
      await page.keyboard.press('ArrowLeft')
      await tabTo(page, 'Approve 30 minutes')
      await page.keyboard.press('Enter')
      await page.getByText('b.okafor has 30 minutes on ws-accounting-2.').waitFor()
      const request = world.requests.find(({ id }) => id === waitingId)
      assert.equal(request?.state, 'approved')
      assert.deepEqual([request?.decision?.minutes, request?.decision?.endProcesses], [30, true])
      await page.getByRole('link', { name: /b.okafor/ }).waitFor({ state: 'detached' })
    })

    it('gives the focus back to the row when a request is closed with Escape', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/requests')
      await tabTo(page, /^ana.lindqvist/)
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Request' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('region', { name: 'Request' }).waitFor({ state: 'detached' })
      assert.match(await focusedName(page), /^ana.lindqvist/)
    })

    it('asks once more before a long approval', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open(`/requests?open=${waitingId}`)
      await page.getByRole('radio', { name: '4 hours' }).check()
      await page.getByRole('button', { name: 'Approve 4 hours' }).click()
      const dialog = page.getByRole('dialog', { name: 'Approve 4 hours?' })
      await dialog.waitFor()
      assert.equal(world.requests.find(({ id }) => id === waitingId)?.state, 'pending')
      await dialog.getByRole('button', { name: 'Approve 4 hours' }).click()
      await page.getByText('b.okafor has 4 hours on ws-accounting-2.').waitFor()
    })

    it('offers nothing above the ceiling', async (test) => {
      const { page, world, open } = await stageFor(test)
      for (const request of world.requests) request.ceilingMinutes = 20
      await open(`/requests?open=${waitingId}`)
      await page.getByRole('button', { name: 'Approve 20 minutes' }).waitFor()
      const offered = await page
        .getByRole('radio')
        .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('value')))
      assert.deepEqual(offered, ['2', '5', '10', '15', '20'])
    })

    it('does not deny without words, and sends those that were typed', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open(`/requests?open=${waitingId}`)
      await page.getByRole('button', { name: 'Deny…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Deny this request' })
      await dialog.getByRole('textbox').waitFor()
      assert.equal(await dialog.getByRole('button', { name: 'Deny', exact: true }).isDisabled(), true)
      await dialog.getByRole('textbox').fill('The update is in the software shop.')
      await dialog.getByRole('button', { name: 'Deny', exact: true }).click()
      await page.getByText('b.okafor is told why.').waitFor()
      const request = world.requests.find(({ id }) => id === waitingId)
      assert.deepEqual(
        [request?.state, request?.decision?.note],
        ['denied', 'The update is in the software shop.'],
      )
    })

    it('says who was faster: already-decided', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open(`/requests?open=${waitingId}`)
      world.failNext = {
        method: 'POST',
        path: `/requests/${waitingId}/approve`,
        status: 409,
        code: 'already-decided',
        title: 'This request was decided already.',
        hint: 'Reload to see how.',
      }
      await page.getByRole('button', { name: 'Approve 45 minutes' }).click()
      await page.getByText('already-decided').waitFor()
    })

    it('shows a new request without a reload', async (test) => {
      const { page, world, server, open } = await stageFor(test)
      const held = world.requests
      world.requests = []
      await open('/requests')
      await page.getByRole('heading', { name: 'Nobody is waiting' }).waitFor()
      world.requests = held
      server.publish('requests')
      await page.getByRole('link', { name: /ana.lindqvist/ }).waitFor()
    })
  })

  describe('answering a code', () => {
    it('takes one code, one key and Enter', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/')
      await page.keyboard.press('c')
      await page.getByLabel('Request code').waitFor()
      await page.keyboard.type('ook7p')
      await page.getByText('nb-field-11').waitFor()
      await page.keyboard.type(' d2m4q xa9t3')
      await page.getByText('2 sessions of theirs on this computer').waitFor()
      await page.getByText('It runs an older policy').waitFor()
      await page.keyboard.press('3')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Response code' }).waitFor()
      const shown = await page.locator('.st-code .st-code-symbol').allTextContents()
      assert.equal(shown.join(''), responseText.replace('-', ''))
      const words = await page.locator('.st-code .st-code-word').allTextContents()
      assert.deepEqual(words.slice(0, 3), ['Hotel', 'Three', 'Tango'])
      const request = world.requests.find(({ id }) => id === callRequestId)
      assert.equal(request?.decision?.callerCheck, 'manager-confirmed')
      assert.equal(request?.decision?.carried, 'telephone')
    })

    it('WEB-9: makes no code before somebody said how the caller is known', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/answer')
      await page.getByLabel('Request code').fill(knownCode)
      const button = page.getByRole('button', { name: 'Say first how you know the caller' })
      await button.waitFor()
      assert.equal(await button.isDisabled(), true)
      await page.keyboard.press('Enter')
      assert.equal(world.requests.find(({ id }) => id === callRequestId)?.state, 'pending')
    })

    it('offers the code that was meant when one symbol is wrong, and marks the symbol', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/answer')
      await page.getByLabel('Request code').fill(mistypedCode)
      const suggestion = page.getByRole('button', { name: /e.haddad on nb-field-11/ })
      assert.equal(await suggestion.locator('mark').textContent(), '3')
      await suggestion.click()
      await page.getByText('How do you know who is calling?').waitFor()
      assert.equal(await page.getByLabel('Request code').inputValue(), knownCode)
    })

    it('says after five symbols that no computer begins like that', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/answer')
      await page.getByLabel('Request code').pressSequentially('zzzzz')
      await page.getByText('No computer begins like that').waitFor()
    })

    it('WEB-10: takes the code off the screen after two minutes and asks the server again to show it', async (test) => {
      const { page, world, open } = await stageFor(test)
      await page.clock.install()
      await open('/answer')
      await page.getByLabel('Request code').fill(knownCode)
      await page.getByRole('radio', { name: 'I know their voice' }).check()
      await page.getByRole('button', { name: /Make the code/ }).click()
      await page.getByRole('region', { name: 'Response code' }).waitFor()
      const issued = () =>
        world.ledger.filter(({ type, subject }) => type === 'code.issued' && subject === callRequestId).length
      assert.equal(issued(), 1)
      await page.clock.runFor(121_000)
      await page.getByRole('heading', { name: 'Response code hidden' }).waitFor()
      assert.equal((await page.content()).includes('Hotel'), false)
      await page.getByRole('button', { name: 'Show again' }).click()
      await page.locator('.st-code .st-code-symbol').first().waitFor()
      assert.equal(issued(), 2)
    })
  })

  describe('sessions and computers', () => {
    it('shows programs under their parents and everything about one with Enter', async (test) => {
      const { page, open } = await stageFor(test)
      await open(`/sessions/${liveSessionId}`)
      await page.getByRole('treeitem').first().focus()
      await page.keyboard.press('ArrowDown')
      assert.match(await focusedName(page), /^apt-get/)
      assert.equal(await page.locator(':focus').getAttribute('aria-level'), '2')
      await page.keyboard.press('Enter')
      await page.getByText('b7e1a3c98f0d').waitFor()
      const before = await page.getByRole('treeitem').count()
      await page.keyboard.press('ArrowLeft')
      assert.equal(await page.getByRole('treeitem').count(), before - 3)
    })

    it('ends a live session after asking', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open(`/sessions/${liveSessionId}`)
      await page.getByRole('button', { name: 'End now…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click()
      await page.getByText('Ended by an administrator').waitFor()
      assert.equal(world.sessions[0]?.summary.state, 'ended')
    })

    it('revokes a computer only when its name is typed', async (test) => {
      const { page, world, open } = await stageFor(test)
      const device = world.devices[5]
      await open(`/computers/${device?.id}`)
      await page.getByRole('button', { name: 'Revoke…' }).click()
      const confirm = page.getByRole('dialog').getByRole('button', { name: 'Revoke computer' })
      await page.keyboard.type('nb-meyer')
      assert.equal(await confirm.isDisabled(), true)
      await page.keyboard.type('-02')
      await page.keyboard.press('Enter')
      await page.getByText('must be enrolled again').waitFor()
      assert.equal(device?.state, 'revoked')
    })

    it('shows an enrolment command with its expiry, this once', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/computers')
      await page.getByRole('button', { name: 'Enrol a computer' }).click()
      await page.getByRole('button', { name: 'Make the command' }).click()
      const command = await page.getByLabel('Command', { exact: true }).inputValue()
      assert.match(command, /^sudo stint agent --enroll /)
      await page.getByRole('button', { name: 'Copy command' }).click()
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), command)
      await page.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      assert.equal((await page.content()).includes(command), false)
    })
  })

  describe('people, policy and the rest', () => {
    it('shows a one-time link for an invited person', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/people?invite=yes')
      await page.getByRole('dialog').getByLabel('E-mail').fill('new.person@example.org')
      await page.keyboard.press('Enter')
      assert.match(await page.getByRole('textbox', { name: 'One-time link' }).inputValue(), /\/join\//)
      assert.equal(world.people.at(-1)?.email, 'new.person@example.org')
    })

    it('says what is not saved, and saves it', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/policy')
      await page.getByLabel('Grace').fill('90')
      await page.getByText('1 unsaved change', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Save changes' }).click()
      await page.getByText('Computers take the new policy').waitFor()
      assert.equal(world.settings.graceSeconds, 90)
    })

    it('does not save a usual length above the longest', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/policy')
      await page.getByLabel('Usual length').fill('300')
      await page.getByText('Longer than the longest.').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Save changes' }).isDisabled(), true)
    })

    it('never overwrites what somebody else saved: both ways are offered', async (test) => {
      const { page, world, open } = await stageFor(test)
      await open('/policy')
      await page.getByLabel('Grace').fill('90')
      world.settings = { ...world.settings, version: 5, minutesDefault: 30, changedBy: 'Aisha Rahman' }
      await page.getByRole('button', { name: 'Save changes' }).click()
      await page.getByText('Aisha Rahman changed the policy while you were at it').waitFor()
      await page.getByText('They changed: Usual length.').waitFor()
      assert.equal(world.settings.graceSeconds, 60)
      await page.getByRole('button', { name: 'Put mine on top' }).click()
      await page.getByRole('button', { name: 'Save changes' }).click()
      await page.getByText('Computers take the new policy').waitFor()
      assert.deepEqual([world.settings.graceSeconds, world.settings.minutesDefault], [90, 30])
    })

    it('hides from a viewer what a viewer may not do', async (test) => {
      const { page, world, open } = await stageFor(test)
      world.me = makeMe('viewer', ['see'])
      await open(`/requests?open=${waitingId}`)
      await page.getByText('Your role sees requests but does not decide them.').waitFor()
      for (const name of ['Answer a code', 'People', 'API tokens', 'Ledger']) {
        assert.equal(await page.getByRole('link', { name }).count(), 0, name)
      }
      await open('/policy')
      assert.equal(await page.getByLabel('Grace').isDisabled(), true)
      await open('/answer')
      await page.getByText('Your role does not answer codes').waitFor()
    })

    it('goes anywhere from the command palette', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search and commands' }).waitFor()
      await page.keyboard.type('meyer')
      await page.getByRole('option', { name: 'nb-meyer-02' }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'nb-meyer-02' }).waitFor()
    })

    it('keeps the theme that was chosen', async (test) => {
      const { page, open } = await stageFor(test)
      await open('/')
      await page.getByRole('button', { name: /Account and theme/ }).click()
      await page.getByText('Dark', { exact: true }).click()
      await page.reload()
      assert.equal(await page.locator('html').getAttribute('data-mantine-color-scheme'), 'dark')
    })

    it('says what went wrong, why, and what next, with the code', async (test) => {
      const { page, world, open } = await stageFor(test)
      world.failNext = {
        method: 'GET',
        path: '/people',
        status: 403,
        code: 'not-an-approver',
        title: 'Your role does not allow this.',
        hint: 'Ask an owner to change it.',
      }
      await open('/people')
      const trouble = page.getByRole('alert')
      await trouble.waitFor()
      const text = await trouble.innerText()
      for (const part of [
        'The people could not be read.',
        'Your role does not allow this.',
        'Ask an owner',
        'not-an-approver',
      ]) {
        assert.ok(text.includes(part), part)
      }
    })
  })
})
