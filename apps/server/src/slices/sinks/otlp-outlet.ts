import { postJson } from './http-post.ts'
import { otlpLogs } from './otlp-logs.ts'
import { NotTaken, type Outlet } from './outlet.ts'
import type { HttpTarget } from './targets.ts'

/** OpenTelemetry's log protocol over HTTP, as JSON (OTLP 1.x). `authorization` is the value of that header, or null. */
export function createOtlpOutlet(
  { url, ca }: HttpTarget,
  authorization: string | null,
  host: string,
): Outlet {
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  return {
    async send(facts, signal) {
      const body = Buffer.from(JSON.stringify(otlpLogs(facts, host)))
      const refused = rejectedIn(await postJson({ url, ca, headers, body }, signal))
      if (refused > 0)
        throw new NotTaken(`The receiver refused ${refused} of ${facts.length} facts; its own log says why.`)
    },
  }
}

/** How many of the records a receiver did not keep, by its answer: it may take a batch in part. */
function rejectedIn(answer: string): number {
  if (answer.trim() === '') return 0
  try {
    const count = Number(JSON.parse(answer)?.partialSuccess?.rejectedLogRecords ?? 0)
    return Number.isSafeInteger(count) ? count : 0
  } catch {
    throw new NotTaken('The receiver does not answer as OpenTelemetry does.')
  }
}
