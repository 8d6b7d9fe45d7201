import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type FakeServer, startFakeServer } from '../../apps/console/test/fake-api/server.ts'
import { makeWorld, type World } from '../../apps/console/test/fake-api/world.ts'
import { buildFaces } from '../../tools/build/faces.ts'

const dist = fileURLToPath(new URL('../../apps/console/dist', import.meta.url))
const program = process.env.STINT_CHROMIUM ?? '/usr/bin/chromium'
const STEPS_MAX = 60

/** Why these tests cannot run on this machine; false when they can. */
export function missingBrowser(): string | false {
  return existsSync(program) ? false : `no Chromium at ${program}`
}

/** Builds the console if it is older than its sources, and starts a browser. */
export async function openConsoleBrowser(): Promise<Browser> {
  await buildFaces(['console'])
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']
  const offline = ['--disable-background-networking', '--disable-component-update']
  return chromium.launch({
    executablePath: program,
    args: ['--headless', '--no-sandbox', ...quiet, ...offline],
  })
}

/** The built console before a server in memory that the test writes. */
export interface ConsoleStage {
  readonly world: World
  readonly server: FakeServer
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained about: scripts and the content security policy, not refused calls. */
  readonly complaints: string[]
  /** Goes to a path and waits until it has drawn its heading. */
  open(path: string): Promise<void>
  close(): Promise<void>
}

interface StageOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  /** Nobody, unless told. */
  readonly signedIn?: boolean
}

export async function setConsoleStage(browser: Browser, options: StageOptions = {}): Promise<ConsoleStage> {
  const { width = 1440, height = 900, colorScheme = 'light', signedIn = true } = options
  const world = makeWorld(() => Date.now())
  if (signedIn) world.me = world.account.me
  const server = await startFakeServer(world, dist)
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    const isRefusedCall = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isRefusedCall) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return {
    world,
    server,
    context,
    page,
    complaints,
    async open(path) {
      await page.goto(server.url + path)
      await page.locator('h1').waitFor()
      await page.locator('body:not(:has([aria-busy="true"]))').waitFor()
    },
    async close() {
      await context.close()
      await server.close()
    },
  }
}

/** Presses Tab until the focus is on what has this accessible name. Fails when it is never reached. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const label = await focusedName(page)
    if (typeof name === 'string' ? label === name : name.test(label)) return
    seen.push(label)
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${name}; it passed ${seen.join(' | ')}`)
}

/** What a person hears of the element that has the focus. The function runs in the page, so it is text here. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const focused = document.activeElement
    const text = focused.getAttribute('aria-label') ?? focused.labels?.[0]?.textContent ?? focused.textContent
    return text.replace(/\\s+/g, ' ').trim()
  })()`)
}
