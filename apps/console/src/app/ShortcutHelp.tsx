import { commandKey, KeyHint, Modal, type NavGroup } from '@stint/ui'
import { useMay } from '../api/account.ts'

interface ShortcutHelpProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly groups: readonly NavGroup[]
}

export function ShortcutHelp({ opened, onClose, groups }: ShortcutHelpProps) {
  const may = useMay()
  const everywhere: readonly (readonly [string, string])[] = [
    ['Search and commands', `${commandKey()} K`],
    ...(may('approve') ? ([['Answer a code', 'c']] as const) : []),
    ['This help', '?'],
    ['Close what is open', 'Esc'],
  ]
  const lists: readonly (readonly [string, string])[] = [
    ['Next and previous row', 'j k'],
    ['Open the row', 'Enter'],
    ['Filters of a report', 'f'],
  ]
  const pages = groups
    .flatMap((group) => group.items)
    .map((item) => [`Go to ${item.label}`, item.keys ?? ''] as const)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="34rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="c-shortcuts" data-st-modal="">
        <ShortcutList title="Everywhere" rows={everywhere} />
        <ShortcutList title="Pages" rows={pages} />
        <ShortcutList title="Lists" rows={lists} />
      </div>
    </Modal>
  )
}

interface ShortcutListProps {
  readonly title: string
  readonly rows: readonly (readonly [string, string])[]
}

function ShortcutList({ title, rows }: ShortcutListProps) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([label, keys]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <KeyHint keys={keys} />
              <span className="st-sr">{keys}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
