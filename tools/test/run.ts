import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

/**
 * `npm test`: everything that this machine allows. A test that cannot run here says why in its skip line; with
 * CI=true it fails instead. `npm test -- story` runs only the files whose path contains `story`.
 */
const wanted = process.argv.slice(2)

/** Tests of their own turn: they change this machine's accounts, sudo rules or audit, or drive a browser. */
const alone = ['tests/compliance/**/*.test.ts', 'tests/faults/**/*.test.ts', 'tests/browser/**/*.test.ts']
const together = [
  'packages/*/{src,test}/**/*.test.ts',
  'apps/*/{src,test}/**/*.test.ts',
  'tools/**/*.test.ts',
  'tests/{story,fuzz,verify}/**/*.test.ts',
]

function files(patterns: readonly string[]): string[] {
  const found = globSync(patterns as string[], {
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })
  return found.filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part))).sort()
}

function runTests(paths: readonly string[], concurrency: number): boolean {
  if (paths.length === 0) return true
  const args = ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...paths]
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0
}

const first = runTests(files(together), 2)
const second = runTests(files(alone), 1)
process.exitCode = first && second ? 0 : 1
