export interface Figure {
  readonly label: string
  readonly value: string
}

/** A few numbers that sum up what is below. Undefined while they are read: the room stays the same. */
export function Figures({
  figures,
  expected,
}: {
  readonly figures?: readonly Figure[] | undefined
  readonly expected: number
}) {
  if (!figures) {
    return (
      <div className="st-figures" aria-busy="true">
        {Array.from({ length: expected }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: skeletons are all the same
          <div key={at}>
            <span className="st-skel" data-size={at % 3} />
          </div>
        ))}
      </div>
    )
  }
  return (
    <dl className="st-figures">
      {figures.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="st-num">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
