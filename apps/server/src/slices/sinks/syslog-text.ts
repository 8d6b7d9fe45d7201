import type { OutFact } from './out-fact.ts'
import { severities, severityOf } from './severity.ts'

/** "log audit" of RFC 5424, table 1. */
const FACILITY = 13
/** We have no number of our own; this one is kept for documents (RFC 5612) and stands for nobody. */
const SD_ID = 'stint@32473'

/**
 * One message of RFC 5424. The structured data says which fact it is; the text is the whole fact as JSON. `host` is the
 * name that this server has for people.
 */
export function syslogText(fact: OutFact, host: string): string {
  const pri = FACILITY * 8 + severities[severityOf(fact.type)].syslog
  const { seq, actor, subject, leaf, dropped, type } = fact
  const data = Object.entries({ seq, type, actor, subject, leaf, dropped })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')
  return `<${pri}>1 ${fact.at} ${headerPart(host, 255)} stint - ${headerPart(type, 32)} [${SD_ID}${data}] ${JSON.stringify(fact)}`
}

/** A message with its length before it, as RFC 6587 and 5425 want it. */
export function octetCounted(message: string): Buffer {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}

/** Of a value: these three, and no control characters, which some receivers take for the end of a line. */
function escaped(value: string): string {
  const visible = [...value].map((char) => (char < ' ' || char === '\x7f' ? ' ' : char)).join('')
  return visible.replace(/["\\\]]/g, '\\$&')
}

function headerPart(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, maxLength) || '-'
}
