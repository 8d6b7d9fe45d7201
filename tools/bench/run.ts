import { globSync } from 'node:fs'
import { basename, join } from 'node:path'

/** `npm run bench -- NAME`: runs tools/bench/NAME.bench.ts. Without a name it lists what there is. */
const folder = import.meta.dirname
const names = globSync('*.bench.ts', { cwd: folder })
  .map((path) => basename(path, '.bench.ts'))
  .sort()
const name = process.argv[2]

if (name !== undefined && names.includes(name)) {
  await import(join(folder, `${name}.bench.ts`))
} else {
  console.error(`usage: npm run bench -- ${names.join(' | ')}`)
  process.exitCode = 2
}
