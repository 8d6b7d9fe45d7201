/** One row of a bench: the median and the slowest tenth of several rounds, per call. */
export interface Measured {
  readonly name: string
  readonly medianUs: number
  readonly p90Us: number
}

const ROUNDS = 31
const ROUND_NS = 20_000_000n

/**
 * Times `call`, warm: rounds of at least 20 ms each, in this process, on whatever else the machine does.
 * Compare ratios within one run, not figures of two machines.
 */
export function measure(name: string, call: () => unknown): Measured {
  const calls = callsPerRound(call)
  const perCallUs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) call()
    perCallUs.push(Number(process.hrtime.bigint() - started) / calls / 1000)
  }
  perCallUs.sort((a, b) => a - b)
  return { name, medianUs: at(perCallUs, 0.5), p90Us: at(perCallUs, 0.9) }
}

function callsPerRound(call: () => unknown): number {
  for (let calls = 1; ; calls *= 2) {
    const started = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) call()
    if (process.hrtime.bigint() - started >= ROUND_NS) return calls
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
}

/** Prints rows with their ratio to each of `baselines`, which are printed too. */
export function printTable(rows: readonly Measured[], baselines: readonly Measured[]): void {
  const table = [...baselines, ...rows].map((row) => ({
    operation: row.name,
    'median µs': round(row.medianUs),
    'p90 µs': round(row.p90Us),
    ...Object.fromEntries(baselines.map((base) => [`× ${base.name}`, round(row.medianUs / base.medianUs)])),
  }))
  console.table(table)
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
