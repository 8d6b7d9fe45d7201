import { Notice, shortTimeText, spanText, timeOfDayText } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import { type FoldedGap, foldGaps } from './fold-gaps.ts'

/** Whether the record is whole, said first, and everything that speaks against it. */
export function Verdict({ detail }: { readonly detail: SessionDetail }) {
  const { summary, gaps, stillRunning } = detail
  return (
    <div className="st-stack" data-gap="3">
      {summary.state === 'ended' && detail.proven === false && (
        <Notice tone="bad" title="The rights could not be proven gone">
          Look at {summary.device.name} yourself: whether {summary.userName} is still an administrator there
          is not known.
        </Notice>
      )}
      {summary.completeness === 'complete' && (
        <Notice tone="good" title="The record is complete">
          The journal joins without a gap from the first program to the end, and the server has receipted all
          of it.
        </Notice>
      )}
      {summary.completeness === 'incomplete' && (
        <Notice tone="warn" title="The record is not complete">
          {gaps.length === 0
            ? 'Something that was announced did not arrive. What is missing is said in the timeline.'
            : 'Programs may have run that are not listed here:'}
          {gaps.length > 0 && (
            <ul className="c-bullets">
              {foldGaps(gaps).map((gap) => (
                <li key={`${gap.from} ${gap.cause}`}>{gapText(gap)}</li>
              ))}
            </ul>
          )}
        </Notice>
      )}
      {summary.completeness === 'not-yet-reported' && (
        <Notice
          tone="unknown"
          title={summary.state === 'live' ? 'Still being recorded' : 'Not all of it is here yet'}
        >
          {summary.state === 'live'
            ? 'The verdict on the record is given when the session has ended and everything has arrived.'
            : 'The computer sends the rest of its journal when it is back on the network.'}
        </Notice>
      )}
      {stillRunning.length > 0 && (
        <Notice tone="warn" title="Still running after the end">
          <ul className="c-bullets">
            {stillRunning.map((process) => (
              <li key={`${process.pid} ${process.startedAt}`}>
                <span className="st-mono">{process.program}</span>, process {process.pid}, since{' '}
                {timeOfDayText(Date.parse(process.startedAt))}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  )
}

function gapText({ from, to, cause, count }: FoldedGap): string {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const when = `${timeOfDayText(start)} to ${shortTimeText(end, start)} (${spanText(end - start)})`
  return `${when}: ${cause}${count > 1 ? ` (${count} gaps)` : ''}`
}
