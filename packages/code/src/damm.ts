/** Damm's check digit: the totally anti-symmetric quasigroup of order 10 from his thesis, with a start value. */
const QUASIGROUP: readonly (readonly number[])[] = [
  [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
  [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
  [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
  [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
  [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
  [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
  [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
  [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
  [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
  [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
]

/** The digit to append to `digits` (text of 0-9). `start` is 0 … 9. */
export function dammDigit(digits: string, start: number): number {
  let interim = start
  for (const digit of digits) interim = QUASIGROUP[interim]?.[Number(digit)] ?? 0
  return interim
}

/** Whether the last digit of `digits` is the check digit of the ones before it. */
export function hasValidDamm(digits: string, start: number): boolean {
  return dammDigit(digits.slice(0, -1), start) === Number(digits.slice(-1))
}
