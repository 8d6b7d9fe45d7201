import { spawn } from 'node:child_process'

/** What `npm run check` runs, all at once: no test, no network, seconds. */
const steps: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'types of the faces', command: ['tsc', '-p', 'tsconfig.faces.json'] },
  { name: 'format and lint', command: ['biome', 'check', '--max-diagnostics=200'] },
  { name: 'architecture', command: ['node', 'tools/arch/arch.ts'] },
  { name: 'requirements are shown by tests', command: ['node', 'tools/check/requirements.ts'] },
  { name: 'vectors are up to date', command: ['node', 'tools/vectors/generate/main.ts', '--check'] },
]

interface Result {
  readonly name: string
  readonly ok: boolean
  readonly seconds: number
  readonly output: string
}

function run(name: string, [program = '', ...args]: readonly string[]): Promise<Result> {
  const began = process.hrtime.bigint()
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const finish = (ok: boolean) =>
      resolve({ name, ok, seconds: Number(process.hrtime.bigint() - began) / 1e9, output })
    child.on('error', (error) => {
      output += error.message
      finish(false)
    })
    child.on('close', (code) => finish(code === 0))
  })
}

const results = await Promise.all(steps.map(({ name, command }) => run(name, command)))
for (const { name, ok, seconds, output } of results) {
  const worthReading = !ok || /warning/i.test(output)
  if (worthReading) process.stdout.write(`${output.trimEnd()}\n`)
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)\n`)
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
