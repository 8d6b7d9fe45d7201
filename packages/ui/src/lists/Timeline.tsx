import { IconDeviceDesktop, IconServer } from '@tabler/icons-react'
import { useMemo } from 'react'
import { exactText, shortTimeText, timeOfDayText } from '../time/format.ts'
import { spokenTimes } from '../time/spoken-times.ts'
import { foldTimeline, type TimelineEntry } from './fold-timeline.ts'

/** What happened, in order. The shape says where it was written down: on the computer or on the server. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const lines = useMemo(() => foldTimeline(entries), [entries])
  return (
    <ol className="st-timeline">
      {lines.map((line, i) => {
        const Icon = line.where === 'computer' ? IconDeviceDesktop : IconServer
        const at = Date.parse(line.at)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same of one moment; lines never move
          <li key={`${line.at} ${line.type} ${i}`} data-where={line.where}>
            <span className="st-timeline-mark">
              <Icon size={15} aria-hidden="true" />
            </span>
            <div className="st-timeline-body">
              <p>
                <TextWithTimes text={line.text} near={at} />
                {line.count > 1 && <span className="st-timeline-count">{line.count} times</span>}
              </p>
              <p className="st-timeline-meta">
                <time dateTime={line.at} title={exactText(at)} className="st-num">
                  {timeOfDayText(at)}
                </time>
                <span>{line.who}</span>
                <span>{line.where === 'computer' ? 'computer’s journal' : 'server’s ledger'}</span>
                <span className="st-mono">{line.type}</span>
              </p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}

/** Times of the text in the reader's own time; with the day where it is not that of `near`. */
function TextWithTimes({ text, near }: { readonly text: string; readonly near: number }) {
  return spokenTimes(text).map((part, i) =>
    'at' in part ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
      <time key={i} dateTime={part.text} title={exactText(part.at)} className="st-num">
        {shortTimeText(part.at, near)}
      </time>
    ) : (
      part.text
    ),
  )
}
