import { IconChevronRight } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import { StatusBadge } from '../feedback/StatusBadge.tsx'
import { exactText, spanText, timeOfDayText } from '../time/format.ts'
import { CommandText, hiddenText } from './CommandText.tsx'
import { type ProcessNode, type ProcessRecord, processForest, visibleNodes } from './process-forest.ts'

interface ProcessTreeProps {
  readonly label: string
  readonly processes: readonly ProcessRecord[]
  /** The session is over: what has no end was not seen to end, which is not the same as running. */
  readonly isOver?: boolean
}

const MAX_INDENT = 8

/**
 * Elevated processes under their parents. Up and Down move, Right and Left open and close children, Enter shows
 * everything that is known about one.
 */
export function ProcessTree({ label, processes, isOver = false }: ProcessTreeProps) {
  const box = useRef<HTMLDivElement>(null)
  const roots = useMemo(() => processForest(processes), [processes])
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState('')
  const rows = useMemo(() => visibleNodes(roots, closed), [roots, closed])
  const at = Math.max(
    0,
    rows.findIndex((node) => node.id === current),
  )
  const focusRow = (index: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (!next) return
    setCurrent(next.id)
    box.current?.querySelector<HTMLElement>(`[data-node="${next.id}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const node = rows[at]
    if (!node) return
    const isOpen = node.children.length > 0 && !closed.has(node.id)
    const actions: Record<string, () => void> = {
      ArrowDown: () => focusRow(at + 1),
      ArrowUp: () => focusRow(at - 1),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      ArrowRight: () => (isOpen ? focusRow(at + 1) : setClosed(without(closed, node.id))),
      ArrowLeft: () => (isOpen ? setClosed(toggled(closed, node.id)) : focusRow(parentIndex(rows, at))),
      Enter: () => setOpened(toggled(opened, node.id)),
      ' ': () => setOpened(toggled(opened, node.id)),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  return (
    <div ref={box} className="st-tree" role="tree" aria-label={label} onKeyDown={onKeyDown}>
      {rows.map((node, i) => (
        <TreeRow
          key={node.id}
          node={node}
          isOver={isOver}
          isCurrent={i === at}
          isClosed={closed.has(node.id)}
          isOpened={opened.has(node.id)}
          onFocus={() => setCurrent(node.id)}
          onToggleChildren={() => setClosed(toggled(closed, node.id))}
          onToggle={() => setOpened(toggled(opened, node.id))}
        />
      ))}
    </div>
  )
}

interface TreeRowProps {
  readonly node: ProcessNode
  readonly isOver: boolean
  readonly isCurrent: boolean
  readonly isClosed: boolean
  readonly isOpened: boolean
  readonly onFocus: () => void
  readonly onToggleChildren: () => void
  readonly onToggle: () => void
}

function TreeRow({
  node,
  isOver,
  isCurrent,
  isClosed,
  isOpened,
  onFocus,
  onToggleChildren,
  onToggle,
}: TreeRowProps) {
  const { process, depth } = node
  const hasChildren = node.children.length > 0
  const name = process.program.split('/').at(-1) ?? process.program
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys of all its rows
    <div
      className="st-tree-item"
      role="treeitem"
      data-node={node.id}
      tabIndex={isCurrent ? 0 : -1}
      aria-level={depth + 1}
      aria-selected={isCurrent}
      {...(hasChildren ? { 'aria-expanded': !isClosed } : {})}
      onFocus={onFocus}
      onClick={onToggle}
      style={{ '--depth': Math.min(depth, MAX_INDENT) } as React.CSSProperties}
    >
      <div className="st-tree-row">
        <span
          className="st-tree-twist"
          data-open={(hasChildren && !isClosed) || undefined}
          data-none={!hasChildren || undefined}
          aria-hidden="true"
          onClick={(event) => {
            if (!hasChildren) return
            event.stopPropagation()
            onToggleChildren()
          }}
        >
          <IconChevronRight size={14} />
        </span>
        <span className="st-tree-command st-mono">
          <span className="st-tree-name">{name}</span>{' '}
          <CommandText text={process.args.slice(1).join(' ')} redacted={process.redacted} />
          {process.argsCut && ' …'}
        </span>
        <ProcessEnd process={process} isOver={isOver} />
        <time className="st-tree-time st-num" dateTime={process.startedAt}>
          {timeOfDayText(Date.parse(process.startedAt))}
        </time>
      </div>
      {isOpened && <ProcessFacts process={process} isOver={isOver} />}
    </div>
  )
}

interface OfProcess {
  readonly process: ProcessRecord
  readonly isOver: boolean
}

function ProcessEnd({ process, isOver }: OfProcess) {
  if (process.endedAt === null) {
    return (
      <StatusBadge tone={isOver ? 'unknown' : 'live'} plain>
        {isOver ? 'End not recorded' : 'Running'}
      </StatusBadge>
    )
  }
  if (process.signal !== null) {
    return (
      <StatusBadge tone="warn" plain>
        {process.signal}
      </StatusBadge>
    )
  }
  if (process.exitCode === null) {
    return (
      <StatusBadge tone="unknown" plain>
        Exit unknown
      </StatusBadge>
    )
  }
  return (
    <StatusBadge tone={process.exitCode === 0 ? 'good' : 'bad'} plain>
      Exit {process.exitCode}
    </StatusBadge>
  )
}

function ProcessFacts({ process, isOver }: OfProcess) {
  const started = Date.parse(process.startedAt)
  const noEnd = isOver ? 'its end was not recorded' : 'still running'
  const lasted = process.endedAt === null ? noEnd : spanText(Date.parse(process.endedAt) - started)
  const hidden = hiddenText(process.redacted)
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Program', process.program],
    [
      'Arguments',
      <>
        <CommandText text={process.args.join(' ')} redacted={process.redacted} />
        {process.argsCut && ' … (cut: too long to keep whole)'}
        {hidden && <span className="st-hidden-count">{hidden}</span>}
      </>,
    ],
    ['Directory', process.directory ?? 'not recorded'],
    ['SHA-256', process.sha256 ?? 'not recorded'],
    ['Process', `${process.pid}, started by ${process.parentPid}, as uid ${process.uid}`],
    ['Started', `${exactText(started)}, ${lasted}`],
  ]
  return (
    <dl className="st-tree-facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="st-mono">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return set.has(id) ? without(set, id) : new Set([...set, id])
}

function without(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...set].filter((other) => other !== id))
}

function parentIndex(rows: readonly ProcessNode[], at: number): number {
  const depth = rows[at]?.depth ?? 0
  for (let i = at - 1; i >= 0; i--) {
    if ((rows[i]?.depth ?? 0) < depth) return i
  }
  return at
}
