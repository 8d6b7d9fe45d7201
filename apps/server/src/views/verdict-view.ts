import { findingTexts } from '@stint/elevation'
import type { SessionDetail } from '@stint/wire/console'
import { isoTime } from '../clock.ts'
import type { Reader } from '../db/database.ts'
import type { SessionGapRow, SessionRow, SessionSpanRow } from '../db/schema.ts'
import { type Lack, verdictOf } from '../slices/sessions/verdict.ts'
import { findingsAt } from './finding-view.ts'

/** Longer lists say nothing that the first causes do not. */
const CAUSES_SHOWN = 100

type Judged = Pick<SessionDetail, 'verdict' | 'findings' | 'bundle'>

/** Why a session's record is not whole, what does not fit in it, and whether it can be taken away. */
export async function judgedView(
  read: Reader,
  session: SessionRow,
  gaps: readonly SessionGapRow[],
): Promise<Judged> {
  const span = await read
    .selectFrom('session_span')
    .selectAll()
    .where('session_id', '=', session.id)
    .where('device_id', '=', session.device_id)
    .executeTakeFirst()
  const findings = span === undefined ? [] : await findingsAt(read, session.device_id, rangeOf(span))
  const causes = [
    ...gaps.map((gap) => ({
      from: gap.seq,
      to: gap.seq,
      text: `Nothing is known between ${isoTime(gap.from_at)} and ${isoTime(gap.to_at)}: ${gap.cause}`,
    })),
    ...findings.map(({ word, from, to }) => ({ from, to, text: findingTexts[word].means })),
    ...lacksOf(session, span, gaps.length).map((lack) => ({
      from: span?.grant_seq ?? null,
      to: span?.end_seq ?? null,
      text: lackTexts[lack](session),
    })),
  ].slice(0, CAUSES_SHOWN)
  return {
    verdict: {
      causes: session.completeness === 'incomplete' ? causes : [],
      sealing: sealingOf(span),
    },
    findings,
    bundle: span !== undefined && span.seals === 1 && span.seal_seq !== null,
  }
}

/** The numbers that a verdict is about; no end while the seal has not arrived. */
function rangeOf({ grant_seq, end_seq, seal_seq, seals }: SessionSpanRow) {
  return { from: grant_seq, to: seals === 1 ? seal_seq : end_seq }
}

function sealingOf(span: SessionSpanRow | undefined): SessionDetail['verdict']['sealing'] {
  if (span === undefined || span.seals === 0) return 'never'
  return span.seal_seq === null ? 'waiting' : 'sealed'
}

function lacksOf(session: SessionRow, span: SessionSpanRow | undefined, gaps: number) {
  return verdictOf({
    recording: session.recording,
    gaps,
    processes: session.processes,
    processesReported: session.processes_reported,
    endReason: session.end_reason,
    span:
      span === undefined
        ? null
        : { seals: span.seals === 1, isSealed: span.seal_seq !== null, isTroubled: span.troubled === 1 },
  }).lacks
}

const lackTexts: Readonly<Record<Lack, (session: SessionRow) => string>> = {
  'not-recorded': ({ recording }) => `Nothing was recorded: ${recording}`,
  'no-grant': () => 'The journal has no grant for this session: nobody knows what raised these rights.',
  'lowering-abandoned': () =>
    'The computer gave up taking the rights away; what ran after that is not known.',
  'processes-missing': ({ processes, processes_reported }) =>
    `The computer counted ${processes_reported} processes and ${processes} arrived.`,
  'processes-added': ({ processes, processes_reported }) =>
    `The computer counted ${processes_reported} processes and ${processes} arrived: more than there were.`,
}
