import type { PolicySettings } from '@stint/elevation'
import { Modal } from '@stint/ui'
import type { EffectivePolicyRow } from '@stint/wire/reports'
import { type ReactNode, useState } from 'react'
import { When } from './cells.tsx'

const settingLabels: Readonly<Record<keyof PolicySettings, string>> = {
  offlineCodes: 'Offline codes',
  modes: 'What can be raised',
  minutesDefault: 'Usual length, minutes',
  minutesCeiling: 'Longest, minutes',
  reasonMinLength: 'Shortest reason, characters',
  reasonMaxLength: 'Longest reason, characters',
  ticketRequired: 'Ticket number required',
  endProcesses: 'End elevated programs',
  graceSeconds: 'Grace, seconds',
  answerByMinutes: 'Answer by, minutes',
  startByMinutes: 'Start by, minutes',
  contacts: 'Contacts',
  programs: 'Programs',
  redact: 'Secrets on command lines',
  undo: 'Put back after a session',
}

interface PolicyRowLinkProps {
  readonly row: EffectivePolicyRow
  readonly className: string
  readonly children: ReactNode
}

/** Opens what one computer applies, setting by setting. */
export function PolicyRowLink({ row, className, children }: PolicyRowLinkProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={`${className} c-row-button`} onClick={() => setOpen(true)}>
        {children}
      </button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={`What ${row.computer.name} applies`}
        size="46rem"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div className="st-stack" data-gap="3" data-st-modal="">
          <Settings row={row} />
        </div>
      </Modal>
    </>
  )
}

function Settings({ row: { serial, wanted, settings } }: { readonly row: EffectivePolicyRow }) {
  if (serial === null) return <p>This computer has not said yet which policy it applies.</p>
  return (
    <>
      <p className="st-muted">
        Policy {serial}
        {serial < wanted
          ? `; it should have ${wanted}, and takes it when it is back on the network.`
          : ', the current one.'}
      </p>
      <table className="c-settings">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
            <th scope="col">Where it comes from</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ name, value, from, version, changedAt, changedBy }) => (
            <tr key={name}>
              <th scope="row">{settingLabels[name as keyof PolicySettings] ?? name}</th>
              <td>
                <SettingValue value={value} />
              </td>
              <td className="st-muted">
                {from === 'default' ? (
                  'As delivered'
                ) : (
                  <>
                    Version {version}, {changedBy ?? 'not known by whom'}, <When at={changedAt} />
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function SettingValue({ value }: { readonly value: unknown }) {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (Array.isArray(value) && value.length === 0) return <span className="st-faint">None</span>
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ')
  if (typeof value === 'object') return <code className="st-mono st-small">{JSON.stringify(value)}</code>
  return String(value)
}
