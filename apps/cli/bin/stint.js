#!/usr/bin/env node
// Runs `stint` on the Node that this version was built for, whichever one started this file.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const args = [main, ...process.argv.slice(2)]

function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
    const program = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return process.version !== `v${version}` && existsSync(program) ? program : null
  } catch {
    return null
  }
}

const program = pinnedNode()
if (program === null) {
  process.argv.splice(1, 1, main)
  await import(main)
} else {
  const child = spawn(program, args, { stdio: 'inherit' })
  // The child is in the terminal's group and hears Ctrl-C itself; a signal to this process alone is handed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`error: ${error.message}\nhint: run \`npm ci\` again.\n`)
    process.exitCode = 4
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)
  })
}
