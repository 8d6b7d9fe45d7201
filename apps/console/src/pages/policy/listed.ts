/** An entry of a list that is being changed. A removed one stays in sight, so that it can be put back. */
export interface Listed<T> {
  readonly key: string
  readonly item: T
  readonly state: 'same' | 'added' | 'changed' | 'removed'
}

/** The saved entries in their places, then the new ones. */
export function listed<T>(
  saved: readonly T[],
  chosen: readonly T[],
  keyOf: (item: T) => string,
): readonly Listed<T>[] {
  const left = new Map(chosen.map((item) => [keyOf(item), item]))
  const rows = saved.map((before): Listed<T> => {
    const key = keyOf(before)
    const item = left.get(key)
    left.delete(key)
    if (item === undefined) return { key, item: before, state: 'removed' }
    return { key, item, state: JSON.stringify(item) === JSON.stringify(before) ? 'same' : 'changed' }
  })
  const added = [...left].map(([key, item]): Listed<T> => ({ key, item, state: 'added' }))
  return [...rows, ...added]
}
