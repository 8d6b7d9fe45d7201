import { Notice, shortTimeText, spanText, timeOfDayText } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import type { Sealing } from '@stint/wire/findings'
import { entriesText } from '../../ui/finding-words.ts'
import { type FoldedGap, foldGaps } from './fold-gaps.ts'

/** Whether the record is whole, said first, and everything that speaks against it. */
export function Verdict({ detail }: { readonly detail: SessionDetail }) {
  const { summary, gaps, stillRunning, verdict } = detail
  const isRunning = summary.state === 'live' && !summary.overdue
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
          of it. {sealingTexts[verdict.sealing]}
        </Notice>
      )}
      {summary.completeness === 'incomplete' && (
        <Notice tone="warn" title="The record is not complete">
          {verdict.causes.length > 0 && (
            <ul className="c-bullets">
              {verdict.causes.map((cause) => (
                <li key={`${cause.from} ${cause.text}`}>
                  {cause.text}
                  {cause.from !== null && cause.to !== null && (
                    <span className="st-muted"> ({entriesText({ from: cause.from, to: cause.to })})</span>
                  )}
                </li>
              ))}
            </ul>
          )}
          {gaps.length > 0 && (
            <>
              <p>Programs may have run that are not listed here:</p>
              <ul className="c-bullets">
                {foldGaps(gaps).map((gap) => (
                  <li key={`${gap.from} ${gap.cause}`}>{gapText(gap)}</li>
                ))}
              </ul>
            </>
          )}
          {gaps.length + verdict.causes.length === 0 &&
            'Something that was announced did not arrive. What is missing is said in the timeline.'}
        </Notice>
      )}
      {summary.completeness === 'not-yet-reported' && (
        <Notice tone="unknown" title={isRunning ? 'Still being recorded' : 'Not all of it is here yet'}>
          {isRunning
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

const sealingTexts: Readonly<Record<Sealing, string>> = {
  sealed: 'The computer’s signature is over every entry from the grant to the end.',
  waiting: 'The computer’s signature over its end has not arrived yet.',
  never: 'This computer signs nothing: order and content can be checked, not who wrote them.',
}

function gapText({ from, to, cause, count }: FoldedGap): string {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const when = `${timeOfDayText(start)} to ${shortTimeText(end, start)} (${spanText(end - start)})`
  return `${when}: ${cause}${count > 1 ? ` (${count} gaps)` : ''}`
}
