import type { ReportName } from '@stint/elevation'
import { Button, Menu } from '@stint/ui'
import type { ReportFilter } from '@stint/wire/reports'
import { IconDownload, IconPrinter } from '@tabler/icons-react'
import { exportAddress } from '../../api/reports.ts'

interface ReportToolsProps {
  readonly name: ReportName
  readonly filter: ReportFilter
  readonly sort: string | undefined
}

const formats = [
  { label: 'CSV', note: 'UTF-8, every row', how: { format: 'csv' } },
  { label: 'CSV for Excel', note: 'with a byte order mark', how: { format: 'csv', bom: 'true' } },
  { label: 'JSON', note: 'an array, every row', how: { format: 'json' } },
] as const

/** Takes the report away: whole as a file, or what is shown on paper. */
export function ReportTools({ name, filter, sort }: ReportToolsProps) {
  return (
    <>
      <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
        Print
      </Button>
      <Menu position="bottom-end" width={232}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map(({ label, note, how }) => (
            <Menu.Item key={label} component="a" href={exportAddress(name, filter, sort, how)} download>
              <span className="st-two">
                <span>{label}</span>
                <span>{note}</span>
              </span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
