import { IconDeviceDesktop, IconServer } from '@tabler/icons-react'
import { exactText, timeOfDayText } from '../time/format.ts'

export interface TimelineEntry {
  /** RFC 3339 */
  readonly at: string
  readonly where: 'computer' | 'server'
  readonly type: string
  readonly who: string
  readonly text: string
}

/** What happened, in order. The shape says where it was written down: on the computer or on the server. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <ol className="st-timeline">
      {entries.map((entry) => {
        const Icon = entry.where === 'computer' ? IconDeviceDesktop : IconServer
        return (
          <li key={`${entry.at} ${entry.where} ${entry.type}`} data-where={entry.where}>
            <span className="st-timeline-mark">
              <Icon size={15} aria-hidden="true" />
            </span>
            <div className="st-timeline-body">
              <p>{entry.text}</p>
              <p className="st-timeline-meta">
                <time dateTime={entry.at} title={exactText(Date.parse(entry.at))} className="st-num">
                  {timeOfDayText(Date.parse(entry.at))}
                </time>
                <span>{entry.who}</span>
                <span>{entry.where === 'computer' ? 'computer’s journal' : 'server’s ledger'}</span>
                <span className="st-mono">{entry.type}</span>
              </p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}
