import { Modal } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { KeyHint } from './KeyHint.tsx'

export interface Command {
  readonly id: string
  readonly label: string
  readonly group: string
  readonly icon?: ReactNode
  /** Shown at the end of the row: `g r`. */
  readonly keys?: string
  /** More words to find it by. */
  readonly also?: string
  readonly run: () => void
}

interface CommandPaletteProps {
  readonly opened: boolean
  readonly onClose: () => void
  readonly commands: readonly Command[]
}

/** Type, choose with the arrows, Enter. Every word typed must occur in the label, the group or the other words. */
export function CommandPalette({ opened, onClose, commands }: CommandPaletteProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="36rem"
      yOffset="12vh"
      centered={false}
      aria-label="Search and commands"
      classNames={{ body: 'st-palette' }}
    >
      <PaletteList commands={commands} onClose={onClose} />
    </Modal>
  )
}

function PaletteList({ commands, onClose }: Omit<CommandPaletteProps, 'opened'>) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const found = matching(commands, typed)
  const choose = (command: Command | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && found.length > 0) {
      event.preventDefault()
      const next = (at + step + found.length) % found.length
      setAt(next)
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' })
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      choose(found[at])
    }
  }
  return (
    <div data-st-modal="">
      <input
        className="st-palette-input"
        role="combobox"
        aria-label="Search and commands"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
        placeholder="Go to, find, or do…"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
        autoComplete="off"
        data-autofocus
      />
      <div className="st-palette-list" role="listbox" id={`${id}-list`} aria-label="Results">
        {found.map((command, i) => (
          <div key={command.id}>
            {command.group !== found[i - 1]?.group && (
              <p className="st-palette-group" role="presentation">
                {command.group}
              </p>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the text field above holds the focus and takes the keys */}
            <div
              id={`${id}-${i}`}
              className="st-palette-item"
              role="option"
              tabIndex={-1}
              aria-selected={i === at}
              onMouseMove={() => setAt(i)}
              onClick={() => choose(command)}
            >
              <span className="st-palette-icon" aria-hidden="true">
                {command.icon}
              </span>
              <span className="st-cut">{command.label}</span>
              {command.keys && <KeyHint keys={command.keys} />}
            </div>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="st-palette-none">Nothing is called that. Try fewer letters.</p>}
    </div>
  )
}

function matching(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter((command) => {
    const text = `${command.label} ${command.group} ${command.also ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
