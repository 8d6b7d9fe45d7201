import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
const root = join(import.meta.dirname, '../..')
const reason = existsSync(CHROMIUM) || process.env.CI === 'true' ? false : `${CHROMIUM} is not installed`

/** The package and the case checker as one script that sets `stintCode`. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'tools/vectors/check-vectors.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'stintCode',
    platform: 'browser',
    target: 'es2024',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

test('a browser computes every published case as Node does', { skip: reason }, async (t) => {
  const script = await bundle()
  const browser = await launch()
  t.after(() => browser.close())
  const page = await browser.newPage()
  // A secure context without a server: signatures need Web Crypto, which pages of other origins do not have.
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await page.goto('http://127.0.0.1/')
  await page.addScriptTag({ content: script })
  for (const path of globSync(join(root, 'spec/vectors/*.json')).sort()) {
    const file = readFileSync(path, 'utf8')
    const cases: unknown[] = JSON.parse(file).vectors
    const report = await page.evaluate(`stintCode.checkVectors(${file})`)
    assert.deepEqual(report, { passed: cases.length, failures: [] }, basename(path))
  }
})
