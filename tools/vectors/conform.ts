import { readFileSync } from 'node:fs'
import { checkVectors } from './check-vectors.ts'

/**
 * `npm run vectors -- FILE…`: checks test vectors with the product's own code. One line per failure; the last
 * line is `N passed, M failed`. Exit code 1 if M > 0 or a file cannot be read, 2 without a file.
 */
async function main(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) {
    console.error('usage: npm run vectors -- FILE…')
    return 2
  }
  let passed = 0
  let failed = 0
  for (const path of paths) {
    const report = await checkVectors(readJson(path))
    for (const failure of report.failures) console.log(`${path} ${failure}`)
    passed += report.passed
    failed += report.failures.length
  }
  console.log(`${passed} passed, ${failed} failed`)
  return failed > 0 ? 1 : 0
}

/** The file's JSON; a file that cannot be read or parsed is one failed case, not a stack trace. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

process.exitCode = await main(process.argv.slice(2))
