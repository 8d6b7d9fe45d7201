import type { ReactNode } from 'react'

interface PageHeaderProps {
  readonly title: ReactNode
  /** One line under the title: what this page is for, or where the thing stands. */
  readonly about?: ReactNode
  /** A link back, above the title. */
  readonly back?: ReactNode
  readonly actions?: ReactNode
}

export function PageHeader({ title, about, back, actions }: PageHeaderProps) {
  return (
    <header className="st-page-head">
      <div className="st-page-head-text">
        {back && <div className="st-page-back">{back}</div>}
        <h1>{title}</h1>
        {about && <div className="st-page-about">{about}</div>}
      </div>
      {actions && (
        <div className="st-row" data-gap="2">
          {actions}
        </div>
      )}
    </header>
  )
}

interface PanelProps {
  readonly title?: ReactNode
  readonly about?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** The content reaches the edges: tables and lists. */
  readonly flush?: boolean
}

export function Panel({ title, about, actions, children, flush = false }: PanelProps) {
  return (
    <section className="st-panel" data-flush={flush || undefined}>
      {title && (
        <header className="st-panel-head">
          <div>
            <h2>{title}</h2>
            {about && <p className="st-panel-about">{about}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className="st-panel-body">{children}</div>
    </section>
  )
}

export interface Fact {
  readonly label: string
  readonly value: ReactNode
  /** Takes the whole width. */
  readonly wide?: boolean
}

/** Facts about one thing, label over value. */
export function Facts({
  facts,
  columns = 2,
}: {
  readonly facts: readonly Fact[]
  readonly columns?: 1 | 2 | 4
}) {
  return (
    <dl className="st-facts" data-columns={columns}>
      {facts.map((fact) => (
        <div key={fact.label} data-wide={fact.wide || undefined}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}

interface SplitProps {
  readonly list: ReactNode
  /** The chosen thing; null while nothing is chosen. On small screens it takes the place of the list. */
  readonly detail: ReactNode | null
}

/** A list with the chosen thing beside it. */
export function Split({ list, detail }: SplitProps) {
  return (
    <div className="st-split" data-open={detail !== null || undefined}>
      <div className="st-split-list">{list}</div>
      {detail !== null && <div className="st-split-detail">{detail}</div>}
    </div>
  )
}
