import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type FakeDoor, openFakeDoor, userStatus } from '../../apps/cli/test/fake-door/fake-door.ts'
import { type Running, startStint } from '../../apps/cli/test/fake-door/stint.ts'

export const builtPage = fileURLToPath(new URL('../../apps/desktop/dist/index.html', import.meta.url))
const program = process.env.STINT_CHROMIUM ?? '/usr/bin/chromium'

/** Why these tests cannot run on this machine; false when they can. */
export function missing(): string | false {
  if (!existsSync(program)) return `no Chromium at ${program}`
  return existsSync(builtPage) ? false : 'the page is not built: npm run build'
}

export function openBrowser(): Promise<Browser> {
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync']
  const offline = ['--disable-background-networking', '--disable-component-update']
  return chromium.launch({
    executablePath: program,
    args: ['--headless', '--no-sandbox', ...quiet, ...offline],
  })
}

/** The user's page as `stint app` serves it, before an agent whose state the test writes. */
export interface Stage {
  readonly door: FakeDoor
  readonly app: Running
  readonly context: BrowserContext
  /** The address with its one-time key. */
  readonly url: string
  readonly page: Page
  /** What the browser complained about: scripts, the content security policy. */
  readonly complaints: string[]
  close(): Promise<void>
}

export interface StageOptions {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly status?: Parameters<typeof userStatus>[0]
}

export async function setStage(browser: Browser, options: StageOptions = {}): Promise<Stage> {
  const { width = 1440, height = 900, colorScheme = 'light' } = options
  const door = await openFakeDoor()
  door.status = userStatus(options.status)
  const app = startStint(['app', '--no-open', '--json', '--run', door.runDir], {}, 600_000)
  const said = await app.said('"url"')
  const { url }: { url: string } = JSON.parse(said.split('\n')[0] ?? '')
  const context = await browser.newContext({ viewport: { width, height }, colorScheme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(url)
  return {
    door,
    app,
    context,
    url,
    page,
    complaints,
    close: async () => {
      await context.close()
      app.child.kill('SIGTERM')
      await app.ended
      await door.close()
    },
  }
}
