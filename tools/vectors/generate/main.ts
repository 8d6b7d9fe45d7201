import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { files } from './files.ts'

/** Where the committed files are. */
const committed = new URL('../../../spec/vectors/', import.meta.url)

let made: Map<string, string> | null = null

/** Text of every generated file by name. Made once: it takes seconds. */
export function generate(): Map<string, string> {
  made ??= new Map(
    files().map((file) => [
      file.name,
      `${JSON.stringify({ suite: 'stint/v1', note: file.note, given: file.given, vectors: file.vectors }, null, 1)}\n`,
    ]),
  )
  return made
}

/** Names of the files in `folder` that are missing or differ from what the generator writes. */
export function differing(folder = committed): string[] {
  return [...generate()].filter(([name, text]) => read(new URL(name, folder)) !== text).map(([name]) => name)
}

/** Text of a file, or null when there is none. */
function read(file: URL): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function main(): void {
  if (process.argv.includes('--check')) {
    const names = differing()
    for (const name of names) console.error(`spec/vectors/${name} is not what the generator writes`)
    if (names.length > 0)
      console.error('run: node tools/vectors/generate/main.ts, and read the difference before committing it')
    process.exitCode = names.length > 0 ? 1 : 0
    return
  }
  for (const [name, text] of generate()) writeFileSync(new URL(name, committed), text)
}

if (import.meta.main) main()
