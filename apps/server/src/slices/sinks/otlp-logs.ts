import type { Json } from '@stint/code'
import type { OutFact } from './out-fact.ts'
import { severities, severityOf } from './severity.ts'

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}
/** `AnyValue` of opentelemetry/proto/common/v1; null is one with no member. */
type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  | Record<string, never>

/** `ExportLogsServiceRequest` of opentelemetry/proto/collector/logs/v1, in its JSON form. */
export function otlpLogs(facts: readonly OutFact[], host: string) {
  const attributes = [keyValue('service.name', 'stint'), keyValue('host.name', host)]
  return {
    resourceLogs: [
      {
        resource: { attributes },
        scopeLogs: [{ scope: { name: 'stint.ledger' }, logRecords: facts.map(logRecord) }],
      },
    ],
  }
}

function logRecord(fact: OutFact) {
  const { otlp, text } = severities[severityOf(fact.type)]
  const { seq, actor, subject, leaf, dropped, body } = fact
  const nanoseconds = `${BigInt(Date.parse(fact.at)) * 1_000_000n}`
  const named = { seq, actor, subject, leaf, dropped }
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: otlp,
    severityText: text,
    eventName: `stint.${fact.type}`,
    body: anyValue(body),
    attributes: Object.entries(named).flatMap(([name, value]) =>
      value === null ? [] : [keyValue(`stint.${name}`, value)],
    ),
  }
}

function keyValue(key: string, value: Json): KeyValue {
  return { key, value: anyValue(value) }
}

function anyValue(value: Json): AnyValue {
  if (value === null) return {}
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return { kvlistValue: { values: Object.entries(value).map(([key, one]) => keyValue(key, one)) } }
}
