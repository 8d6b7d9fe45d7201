/** What several rounds of one thing gave. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws RangeError without values */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1)
  if (min === undefined || max === undefined) throw new RangeError('nothing was measured')
  return { median: middle.reduce((sum, value) => sum + value, 0) / middle.length, min, max }
}

/**
 * Median of the ratios round by round: what else the machine does changes from round to round, and less within one.
 * @param values as many as `baselines`, of the same rounds
 */
export function pairedRatio(values: readonly number[], baselines: readonly number[]): number {
  return spread(values.map((value, round) => value / (baselines[round] ?? Number.NaN))).median
}

/** Three digits that mean something. */
export function round(value: number): number {
  return Number(value.toPrecision(3))
}
