import type { Ground } from '../config/ground.ts'
import type { SessionRecord } from '../config/state.ts'
import type { Fact } from '../journal/fact.ts'
import type { RunningProgram } from '../record/record.ts'

/** Programs of a session whose start is in the journal and whose end is not. */
export async function programsWithoutEnd(
  { sessionId, journalFrom }: SessionRecord,
  { journal }: Ground['keeper'],
): Promise<readonly RunningProgram[]> {
  const running = new Map<string, RunningProgram[]>()
  for (let from = journalFrom; from < journal.size; ) {
    const entries = await journal.read(from, 500)
    for (const [at, { header, body }] of entries.entries()) {
      const fact = { type: (JSON.parse(header) as { type: string }).type, body } as Fact
      if ('sessionId' in fact.body && fact.body.sessionId === sessionId) see(running, fact, from + at)
    }
    from += entries.length
  }
  return [...running.values()].flat()
}

function see(running: Map<string, RunningProgram[]>, fact: Fact, seq: number): void {
  if (fact.type !== 'process.elevated' && fact.type !== 'process.ended') return
  const { pid, startedAt } = fact.body
  const name = `${pid} ${startedAt}`
  const known = running.get(name) ?? []
  if (fact.type === 'process.ended') known.shift()
  else known.push({ id: `journal:${seq}`, pid, startedAtMs: Date.parse(startedAt) })
  if (known.length > 0) running.set(name, known)
  else running.delete(name)
}
