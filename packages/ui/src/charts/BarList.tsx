import type { ReactNode } from 'react'

export interface BarRow {
  readonly id: string
  readonly label: string
  readonly count: number
}

interface BarListProps {
  readonly title: string
  /** Most first. */
  readonly rows: readonly BarRow[]
  /** Makes each label lead somewhere. */
  readonly link?: (row: BarRow, children: ReactNode) => ReactNode
  /** Said where there are none. */
  readonly none?: string
  readonly isCode?: boolean
  /** The title is said only: something beside it shows it already. */
  readonly quietTitle?: boolean
}

/** Who or what most: a bar and the number behind each name. */
export function BarList({
  title,
  rows,
  link,
  none = 'None in this period',
  isCode = false,
  quietTitle = false,
}: BarListProps) {
  const most = Math.max(1, ...rows.map(({ count }) => count))
  return (
    <section className="st-bars">
      <h3 className={quietTitle ? 'st-sr' : undefined}>{title}</h3>
      {rows.length === 0 ? (
        <p className="st-small st-muted">{none}</p>
      ) : (
        <ol>
          {rows.map((row) => (
            <li key={row.id}>
              <span className="st-bars-fill" style={{ width: `${(row.count / most) * 100}%` }} />
              <span className={`st-bars-label st-cut${isCode ? ' st-mono' : ''}`} title={row.label}>
                {link ? link(row, row.label) : row.label}
              </span>
              <span className="st-num">{row.count.toLocaleString('en')}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
