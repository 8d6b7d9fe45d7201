import { credentialLabels, endReasonLabels } from '@stint/elevation'
import { exactText, RelativeTime, spanText } from '@stint/ui'
import type { SessionView } from '@stint/wire/local-user'

/** The person's own sessions on this computer, newest first. */
export function History({ sessions }: { readonly sessions: readonly SessionView[] | null }) {
  const over = sessions?.filter((session) => session.endedAt !== null) ?? null
  return (
    <section className="dt-history" aria-labelledby="history">
      <h2 id="history">Your sessions on this computer</h2>
      {over?.length === 0 && (
        <p className="st-muted">None yet. Sessions stay listed here, with how they ended.</p>
      )}
      {over && over.length > 0 && (
        <ul>
          {over.map((session) => (
            <HistoryRow key={session.sessionId} session={session} />
          ))}
        </ul>
      )}
    </section>
  )
}

function HistoryRow({ session }: { readonly session: SessionView }) {
  const { startedAt, endedAt, endReason, reason, processes, credential } = session
  const span = endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt)
  return (
    <li className="dt-history-row">
      <p className="dt-history-reason">{reason}</p>
      <p className="dt-history-facts">
        <RelativeTime at={startedAt} quiet />
        <span className="st-sr">{exactText(Date.parse(startedAt))}</span>
        <span>{spanText(span)}</span>
        <span>{credentialLabels[credential]}</span>
        <span>{programsText(processes)}</span>
        <span>{endReason === null ? '' : endReasonLabels[endReason]}</span>
      </p>
    </li>
  )
}

export function programsText(count: number): string {
  return count === 1 ? '1 program' : `${count} programs`
}
