import {
  callerCheckLabels,
  changeKindLabels,
  completenessLabels,
  credentialLabels,
  endReasonLabels,
  findingTexts,
  modeLabels,
} from '@stint/elevation'
import type { ProcessView, SessionDetail } from '@stint/wire/console'
import type { SessionViews } from '../session-view.ts'

/** More rows than this nobody prints; all of them stand in the bundle. */
const PROCESSES_SHOWN = 5000
const PAGE = 200

/** One self-contained page about a session, for reading and printing: no scripts, nothing from elsewhere. */
export async function sessionPage(
  sessions: Pick<SessionViews, 'processes'>,
  detail: SessionDetail,
): Promise<string> {
  const { summary } = detail
  const title = `Session of ${summary.userName} on ${summary.device.name}`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)}</h1>
${verdictPart(detail)}
${factsPart(detail)}
${listPart('Findings', ['Code', 'What', 'Means', 'Entries'], findingRows(detail))}
${listPart('What happened', ['When', 'Where', 'Who', 'What'], timelineRows(detail))}
${await processesPart(sessions, detail)}
${listPart('Kept from starting', ['When', 'Program', 'Rule'], deniedRows(detail))}
${changesPart(detail)}
<footer>Session ${escaped(summary.id)}. Times are UTC. Check the bundle that this page came in with <code>stint verify</code>; the page itself proves nothing.</footer>
</body></html>
`
}

const style = `body{font:11pt/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;break-after:avoid}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ccc;overflow-wrap:anywhere}
tr{break-inside:avoid}thead{display:table-header-group}code{font-family:ui-monospace,monospace;font-size:.9em}
.verdict{border:2px solid #111;padding:.75rem 1rem}footer{margin-top:2rem;color:#444;font-size:.9em}
@page{margin:18mm}@media print{body{margin:0;max-width:none}}`

/** Text of anybody, as text. */
export function escaped(value: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return value.replace(/[&<>"']/g, (mark) => names[mark] ?? '')
}

function verdictPart({ summary, verdict }: SessionDetail): string {
  const causes = verdict.causes.map(({ from, to, text }) => {
    const span =
      from === null ? '' : to === null || to === from ? `Entry ${from}: ` : `Entries ${from} to ${to}: `
    return `<li>${escaped(span + text)}</li>`
  })
  const sealing = {
    sealed: 'The entries are under a signature of the computer.',
    waiting: 'The seal of the computer has not arrived.',
    never: 'This computer seals nothing.',
  }[verdict.sealing]
  const list = causes.length === 0 ? '' : `<ul>${causes.join('')}</ul>`
  return `<section class="verdict"><strong>Record: ${escaped(completenessLabels[summary.completeness])}.</strong> ${sealing}${list}</section>`
}

function factsPart({ summary, request, proven, stillRunning, recording, denying }: SessionDetail): string {
  const decision = request?.decision
  const check = decision?.callerCheck ? callerCheckLabels[decision.callerCheck] : 'none was needed'
  const rows: readonly (readonly [string, string])[] = [
    ['Who asked', `${summary.userName} (${summary.userId})`],
    ['Computer', `${summary.device.name} (${summary.device.id})`],
    ['Why', summary.reason ?? 'not known here'],
    ['Ticket', summary.ticket ?? 'none'],
    ['Rights', modeLabels[summary.mode]],
    ['Who agreed', decision ? `${decision.by}, ${decision.at}` : 'nobody that this server knows of'],
    ['How the caller was checked', check],
    [
      'How the answer travelled',
      `${credentialLabels[summary.credential]}${decision ? `, by ${decision.carried}` : ''}`,
    ],
    ['Rights from', summary.startedAt],
    ['Until at most', summary.endsAt],
    [
      'Ended',
      summary.endedAt === null
        ? 'not reported'
        : `${summary.endedAt}, ${summary.endReason === null ? '' : endReasonLabels[summary.endReason]}`,
    ],
    ['Proven gone', proven === null ? 'not reported' : proven ? 'yes' : 'no'],
    [
      'Still running afterwards',
      stillRunning.map(({ program, pid }) => `${program} (${pid})`).join(', ') || 'nothing',
    ],
    ['Recorded by', recording],
    ['Denied by', denying],
  ]
  const lines = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
  return `<h2>The session</h2><table><tbody>${lines.join('')}</tbody></table>`
}

function listPart(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>None.</p>`
  const head = heads.map((name) => `<th>${name}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
  return `<h2>${title}</h2><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}

const findingRows = ({ findings }: SessionDetail) =>
  findings.map(({ code, word, from, to }) => [
    code,
    findingTexts[word].title,
    findingTexts[word].means,
    from === to ? String(from) : `${from} to ${to}`,
  ])

const timelineRows = ({ timeline }: SessionDetail) =>
  timeline.map(({ at, where, who, text }) => [at, where, who, text])

const deniedRows = ({ denied }: SessionDetail) =>
  denied.map(({ at, program, args, rule }) => [
    at,
    [program, ...args.slice(1)].join(' '),
    rule ?? 'no rule allows it',
  ])

function changesPart({ changes }: SessionDetail): string {
  if (changes === null) return '<h2>What changed</h2><p>The computer did not compare.</p>'
  const rows = changes.items.map(({ kind, what, before, after, undone }) => [
    ...[changeKindLabels[kind], what, before ?? 'nothing', after ?? 'nothing'],
    undone === 'undone' ? 'put back' : undone === 'failed' ? 'could not be put back' : 'left',
  ])
  return listPart('What changed', ['Kind', 'What', 'Before', 'After', 'Then'], rows)
}

async function processesPart(
  sessions: Pick<SessionViews, 'processes'>,
  { summary }: SessionDetail,
): Promise<string> {
  const shown: ProcessView[] = []
  let after: readonly (string | number)[] | null = null
  do {
    const page = await sessions.processes(summary.id, { limit: PAGE, after })
    shown.push(...page.items)
    after = page.cursor === null ? null : JSON.parse(Buffer.from(page.cursor, 'base64url').toString('utf8'))
  } while (after !== null && shown.length < PROCESSES_SHOWN)
  const rows = shown.map((one) => [one.startedAt, one.args.join(' ') || one.program, one.program, endOf(one)])
  const note =
    shown.length < summary.processes
      ? `<p>The first ${shown.length} of ${summary.processes}; all of them stand in events.jsonl.</p>`
      : ''
  return listPart('Processes', ['Start', 'Command', 'Program', 'End'], rows) + note
}

function endOf({ endedAt, exitCode, signal }: ProcessView): string {
  if (endedAt === null) return 'not reported'
  return signal === null ? `${endedAt}, exit ${exitCode ?? 'unknown'}` : `${endedAt}, ${signal}`
}
