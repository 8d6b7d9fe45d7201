import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../config.ts'

/**
 * Opens an address in the person's browser without putting it on a command line, which every user of the computer
 * can read: the browser is given a file that only this user can open, and the file leads on.
 * `done` removes the file. `onFailed` is called when there is no program to open it.
 */
export function openBrowser(
  url: string,
  { privateDir, opener }: Pick<Config, 'privateDir' | 'opener'>,
  onFailed: () => void,
): { readonly done: () => void } {
  const folder = mkdtempSync(join(privateDir, 'stint-'))
  const file = join(folder, 'open.html')
  writeFileSync(file, leadingTo(url), { mode: 0o600, flag: 'wx' })
  const child = spawn(opener, [pathToFileURL(file).href], { stdio: 'ignore', detached: true })
  child.on('error', onFailed)
  child.on('exit', (code) => code !== 0 && code !== null && onFailed())
  child.unref()
  return { done: () => rmSync(folder, { recursive: true, force: true }) }
}

function leadingTo(url: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Stint</title>
<meta http-equiv="refresh" content="0; url=${url}"><p><a href="${url}">Open Stint</a></p>\n`
}
