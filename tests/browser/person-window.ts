import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Browser, Page } from 'playwright-core'
import type { Workplace } from '../compliance/workplace.ts'

/** The person's own page: `stint app` runs as him, and his browser opens the address that it prints. */
export async function openPersonPage(place: Workplace, browser: Browser): Promise<Page> {
  const [program, ...args] = place.command('app', '--no-open')
  const app = spawn(program, args, { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
  place.onClose(() => stop(app))
  const url = await printedUrl(app)
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(url)
  return page
}

async function printedUrl(app: ChildProcess): Promise<string> {
  if (app.stdout === null) throw new Error('stint app says nothing')
  for await (const line of createInterface({ input: app.stdout })) {
    const said = JSON.parse(line) as { readonly url?: string }
    if (said.url !== undefined) return said.url
    throw new Error(`stint app said ${line}`)
  }
  throw new Error('stint app ended before it gave an address')
}

async function stop(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return
  app.kill('SIGTERM')
  await once(app, 'exit')
}
