import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ALPHABET } from '@stint/code'
import type { Browser, Page, Route } from 'playwright-core'
import { publicUrl } from '../story/harness/server-process.ts'
import { World } from '../story/world.ts'
import { missingBrowser, openConsoleBrowser } from './console-stage.ts'

const dist = fileURLToPath(new URL('../../apps/console/dist', import.meta.url))
const methods = ['GET', 'POST', 'PUT'] as const
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** A browser page whose every call is handed to the server of a world; it never leaves this process. */
async function openPage(browser: Browser, world: World): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  let cookie = ''
  await context.route(`${publicUrl}/**`, async (route) => {
    const { pathname } = new URL(route.request().url())
    if (!pathname.startsWith('/api/')) return route.fulfill(fileOf(pathname))
    if (pathname === '/api/v1/events') {
      // A stream that ends at once: the page comes back after each second and reads everything again.
      return route.fulfill({ contentType: 'text/event-stream', body: 'retry: 1000\n: hello\n\n' })
    }
    const answer = await handOver(route, world, cookie)
    const given = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    if (given !== '') cookie = given
    await route.fulfill({ status: answer.statusCode, contentType: 'application/json', body: answer.body })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.clock.setFixedTime(world.clock.now())
  return page
}

function fileOf(pathname: string) {
  const path = join(dist, pathname)
  const isFile = extname(pathname) !== '' && existsSync(path)
  const file = isFile ? path : join(dist, 'index.html')
  return { contentType: types[extname(file)] ?? 'application/octet-stream', body: readFileSync(file) }
}

async function handOver(route: Route, world: World, cookie: string) {
  const request = route.request()
  const method = methods.find((one) => one === request.method()) ?? assert.fail(request.method())
  const { pathname, search } = new URL(request.url())
  const body = request.postData()
  const answer = await world.server.call({
    method,
    url: pathname + search,
    headers: { ...request.headers(), cookie },
    ...(body === null ? {} : { body }),
  })
  await world.clock.quiet()
  return answer
}

async function signIn(page: Page, name: string, path: string): Promise<void> {
  await page.goto(publicUrl + path)
  await page.getByLabel('E-mail').fill(`${name}@example.org`)
  await page.getByLabel('Password', { exact: true }).fill(`the long password of ${name}`)
  await page.keyboard.press('Enter')
}

/** Another symbol at this place. */
function slipped(code: string, at: number): string {
  const other = ALPHABET[(ALPHABET.indexOf(code[at] ?? '') + 1) % ALPHABET.length]
  return code.slice(0, at) + other + code.slice(at + 1)
}

describe('the console before the real server, issuer and agent', { skip: missingBrowser() }, () => {
  let browser: Browser
  before(async () => {
    browser = await openConsoleBrowser()
  })
  after(() => browser?.close())

  /** One story in a world of its own, with a computer, Alice on it, and Carol at the console. */
  function story(tell: (world: World, page: Page) => Promise<void>) {
    return async () => {
      const world = await World.open()
      try {
        await world.computer('train-laptop', 'alice')
        const page = await openPage(browser, world)
        await tell(world, page)
        await page.context().close()
        assert.deepEqual(world.server.faults, [])
      } finally {
        await world.close()
      }
    }
  }

  it(
    'answers a call without a network: code in, one key, Enter, code out, and the record comes later',
    story(async (world, page) => {
      const alice = world.person('alice')
      alice.computer.network.cut()
      const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
      await signIn(page, 'carol', '/answer')
      await page.getByLabel('Request code').waitFor()
      await page.keyboard.type(requestCode.slice(0, 5).toLowerCase())
      await page.getByText('train-laptop').waitFor()
      await page.keyboard.type(requestCode.slice(5).toLowerCase())
      await page.getByText('Only the code is known').waitFor()
      await page.getByText('How do you know who is calling?').waitFor()
      await page.keyboard.press('5')
      await page.keyboard.press('Enter')
      await page.locator('.st-code .st-code-symbol').first().waitFor()
      const symbols = await page.locator('.st-code .st-code-symbol').allTextContents()

      const session = await alice.enters(symbols.join(''))
      assert.deepEqual([session.credential, alice.isAdministrator], ['response-code', true])
      alice.runs('apt', 'install', 'printer-driver')
      await world.clock.pass({ minutes: 16 })
      assert.equal(alice.isAdministrator, false)
      alice.computer.network.mend()
      await world.clock.pass({ minutes: 5 })

      await page.goto(`${publicUrl}/sessions?tab=past`)
      await page.getByRole('link', { name: /alice/ }).click()
      await page.getByText('The record is complete').waitFor()
      await page.getByText('I know their voice').first().waitFor()
      await page.getByText('Install the printer driver').first().waitFor()
      await page.getByRole('treeitem', { name: /printer-driver/ }).waitFor()
    }),
  )

  it(
    'suggests the code that was meant, and takes it',
    story(async (world, page) => {
      const alice = world.person('alice')
      alice.computer.network.cut()
      const { requestCode } = await alice.asks('Install the printer driver', { offline: true })
      await signIn(page, 'carol', '/answer')
      await page.getByLabel('Request code').fill(slipped(requestCode, 9))
      await page.locator('.c-suggestion').first().click()
      await page.getByText('How do you know who is calling?').waitFor()
      assert.equal(await page.getByLabel('Request code').inputValue(), requestCode)
    }),
  )

  it(
    'approves over the network, shows the live session, and ends it',
    story(async (world, page) => {
      const alice = world.person('alice')
      await alice.asks('Install the printer driver', { minutes: 30 })
      await signIn(page, 'carol', '/requests')
      await page.getByRole('link', { name: /alice/ }).click()
      await page.getByRole('button', { name: 'Approve 30 minutes' }).click()
      await page.getByText('alice has 30 minutes on train-laptop.').waitFor()
      await world.clock.pass({ seconds: 5 })
      assert.equal(alice.isAdministrator, true)
      await page.goto(`${publicUrl}/sessions`)
      await page.getByRole('link', { name: /alice/ }).click()
      await page.getByRole('button', { name: 'End now…' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click()
      await page.getByText('Asked the computer to end it').waitFor()
      await world.clock.pass({ minutes: 2 })
      assert.equal(alice.isAdministrator, false)
      await page.getByText('Ended by an administrator').first().waitFor()
    }),
  )

  it(
    'denies with words that reach the person',
    story(async (world, page) => {
      const alice = world.person('alice')
      await alice.asks('please let me')
      await signIn(page, 'carol', '/requests')
      await page.getByRole('link', { name: /alice/ }).click()
      await page.getByRole('button', { name: 'Deny…' }).click()
      await page.getByRole('dialog').getByRole('textbox').fill('It is in the software shop already.')
      await page.getByRole('dialog').getByRole('button', { name: 'Deny', exact: true }).click()
      await page.getByText('alice is told why.').waitFor()
      await world.clock.pass({ seconds: 5 })
      const { lastDecision } = await alice.status()
      assert.deepEqual(
        [lastDecision?.state, lastDecision?.note],
        ['denied', 'It is in the software shop already.'],
      )
      assert.equal(alice.isAdministrator, false)
    }),
  )
})
