import type { SinkKind, SinkState } from '@stint/elevation'
import type { Tone } from '@stint/ui'
import type { SinkTarget } from '@stint/wire/sinks'

export const kindTexts: Readonly<Record<SinkKind, { readonly label: string; readonly about: string }>> = {
  syslog: { label: 'Syslog', about: 'RFC 5424 over TCP or TLS: rsyslog, syslog-ng, most SIEMs.' },
  webhook: { label: 'Webhook', about: 'Signed HTTPS calls (Standard Webhooks): your own programs.' },
  otlp: { label: 'OpenTelemetry', about: 'Logs over OTLP/HTTP: a collector, Grafana, Elastic, Splunk.' },
  file: { label: 'File', about: 'JSON lines in a folder of this server, for whatever picks them up.' },
}

export const stateTexts: Readonly<Record<SinkState, { readonly label: string; readonly tone: Tone }>> = {
  ok: { label: 'Up to date', tone: 'good' },
  behind: { label: 'Catching up', tone: 'wait' },
  failing: { label: 'Not reachable', tone: 'bad' },
  paused: { label: 'Paused', tone: 'off' },
}

export function addressText(target: SinkTarget): string {
  if (target.kind === 'file') return target.name
  return target.kind === 'syslog' ? `${target.host}:${target.port}${target.tls ? ', TLS' : ''}` : target.url
}
