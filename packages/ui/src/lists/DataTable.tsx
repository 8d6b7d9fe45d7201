// biome-ignore-all lint/a11y/noRedundantRoles: small screens lay rows out as cards, which takes the implied roles away
import { Button } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useRef } from 'react'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** CSS width of the column. */
  readonly width?: string
  readonly align?: 'end'
  /** Left out on small screens, where a row becomes a card. */
  readonly wideOnly?: boolean
  /** On small screens: `line` takes a line of the card of its own, `corner` its upper right corner. */
  readonly onCard?: 'line' | 'corner'
  /** The orders its header goes through, the first at the first press; descending with `-` before it. */
  readonly sorts?: readonly string[]
}

interface DataTableProps<Row> {
  /** What the table lists, for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** Undefined while they are read: as many skeleton rows as `expected` stand in, of the final height. */
  readonly rows: readonly Row[] | undefined
  readonly expected?: number
  readonly rowKey: (row: Row, at: number) => string
  /** Makes the link of a row around its first cell. It covers the row; arrows, j and k move between them. */
  readonly rowLink?: (row: Row, children: ReactNode, className: string) => ReactNode
  readonly selectedKey?: string | undefined
  /** The order that the rows are in, and what changes it. Without it no header is a button. */
  readonly sort?: { readonly by: string; readonly onSort: (by: string) => void }
  readonly empty: ReactNode
  readonly more?: { readonly onMore: () => void; readonly pending: boolean } | undefined
}

/** Dense rows under a header that stays. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const table = useRef<HTMLTableElement>(null)
  const { columns, rows, rowLink } = props
  if (rows?.length === 0) return <>{props.empty}</>
  return (
    <div className="st-table-box">
      <table
        ref={table}
        className="st-table"
        role="table"
        aria-busy={rows === undefined}
        onKeyDown={(event) => moveBetweenRows(event, table.current)}
      >
        <caption className="st-sr">{props.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.key}
                role="columnheader"
                scope="col"
                data-align={column.align}
                data-wide-only={column.wideOnly || undefined}
                style={column.width ? { width: column.width } : undefined}
                aria-sort={sortOf(column, props.sort?.by)}
              >
                {props.sort && column.sorts ? (
                  <SortButton column={column} by={props.sort.by} onSort={props.sort.onSort} />
                ) : (
                  column.header
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows === undefined
            ? Array.from({ length: props.expected ?? 6 }, (_, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: skeletons are all the same
                <SkeletonRow key={i} columns={columns} />
              ))
            : rows.map((row, at) => (
                <tr
                  key={props.rowKey(row, at)}
                  role="row"
                  data-linked={rowLink ? true : undefined}
                  data-selected={props.rowKey(row, at) === props.selectedKey || undefined}
                >
                  {columns.map((column, i) => (
                    <td
                      key={column.key}
                      role="cell"
                      data-label={column.header}
                      data-align={column.align}
                      data-wide-only={column.wideOnly || undefined}
                      data-on-card={column.onCard}
                    >
                      {i === 0 && rowLink ? rowLink(row, column.cell(row), 'st-row-link') : column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
      {props.more && (
        <div className="st-table-more">
          <Button variant="subtle" size="xs" onClick={props.more.onMore} loading={props.more.pending}>
            Show more
          </Button>
        </div>
      )}
    </div>
  )
}

function sortOf<Row>({ sorts = [] }: Column<Row>, by = '') {
  if (!sorts.includes(by)) return undefined
  return by.startsWith('-') ? 'descending' : 'ascending'
}

interface SortButtonProps<Row> {
  readonly column: Column<Row>
  readonly by: string
  readonly onSort: (by: string) => void
}

function SortButton<Row>({ column, by, onSort }: SortButtonProps<Row>) {
  const { sorts = [], header } = column
  const next = sorts[(sorts.indexOf(by) + 1) % sorts.length] ?? by
  const Arrow = by.startsWith('-') ? IconArrowDown : IconArrowUp
  return (
    <button type="button" className="st-sort" onClick={() => onSort(next)}>
      {header}
      <Arrow size={13} aria-hidden="true" data-off={!sorts.includes(by) || undefined} />
    </button>
  )
}

function SkeletonRow<Row>({ columns }: { readonly columns: readonly Column<Row>[] }) {
  return (
    <tr role="row" className="st-table-skeleton">
      {columns.map((column, i) => (
        <td key={column.key} role="cell" data-wide-only={column.wideOnly || undefined}>
          <span className="st-skel" data-size={i % 3} />
        </td>
      ))}
    </tr>
  )
}

function moveBetweenRows(event: KeyboardEvent, table: HTMLTableElement | null): void {
  if (!table || event.ctrlKey || event.metaKey || event.altKey) return
  const links = Array.from(table.querySelectorAll<HTMLElement>('.st-row-link'))
  const at = links.indexOf(document.activeElement as HTMLElement)
  if (at < 0) return
  const next = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: links.length - 1 }[
    event.key
  ]
  if (next === undefined) return
  event.preventDefault()
  links[Math.min(links.length - 1, Math.max(0, next))]?.focus()
}
