import type { LedgerType, SinkKind } from '@stint/elevation'
import type { Sink, SinkBody, SinkChange, SinkTarget } from '@stint/wire/sinks'

/** What the form holds: every field of every kind as text. */
export interface SinkDraft {
  readonly kind: SinkKind
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
  readonly url: string
  readonly authorization: string
  readonly file: string
  /** Null: all facts. */
  readonly types: readonly LedgerType[] | null
  readonly from: 'now' | 'beginning'
}

const SYSLOG_TLS_PORT = 6514

export function emptyDraft(kind: SinkKind): SinkDraft {
  return {
    kind,
    name: '',
    host: '',
    port: SYSLOG_TLS_PORT,
    tls: true,
    ca: '',
    clientCertificate: '',
    clientKey: '',
    url: '',
    authorization: '',
    file: 'ledger.jsonl',
    types: null,
    from: 'now',
  }
}

/** Secrets are never read back: their fields are empty, and stay as they are unless something is typed. */
export function draftOf({ name, types, target }: Sink): SinkDraft {
  const draft = { ...emptyDraft(target.kind), name, types }
  if (target.kind === 'file') return { ...draft, file: target.name }
  if (target.kind !== 'syslog') return { ...draft, url: target.url, ca: target.ca ?? '' }
  const { host, port, tls } = target
  return {
    ...draft,
    host,
    port,
    tls: tls !== null,
    ca: tls?.ca ?? '',
    clientCertificate: tls?.clientCertificate ?? '',
  }
}

function targetOf(draft: SinkDraft): SinkTarget {
  const ca = draft.ca.trim() === '' ? null : draft.ca
  if (draft.kind === 'file') return { kind: 'file', name: draft.file.trim() }
  if (draft.kind !== 'syslog') return { kind: draft.kind, url: draft.url.trim(), ca }
  const clientCertificate = draft.clientCertificate.trim() === '' ? null : draft.clientCertificate
  const tls = draft.tls ? { ca, clientCertificate } : null
  return { kind: 'syslog', host: draft.host.trim(), port: draft.port, tls }
}

/** What is sent to change it: nothing of another kind, and no empty secrets. */
export function changeOf(draft: SinkDraft): SinkChange {
  const isShown = draft.kind === 'syslog' && draft.tls && draft.clientKey.trim() !== ''
  return {
    name: draft.name.trim(),
    target: targetOf(draft),
    types: draft.types === null ? null : [...draft.types],
    ...(isShown ? { clientKey: draft.clientKey } : {}),
    ...(draft.kind === 'otlp' && draft.authorization !== '' ? { authorization: draft.authorization } : {}),
  }
}

export function bodyOf(draft: SinkDraft): SinkBody {
  return { ...changeOf(draft), from: draft.from }
}

/** Whether everything that this kind needs is there; whether it is right is for the server to say. */
export function isWhole(draft: SinkDraft): boolean {
  if (draft.name.trim() === '' || draft.types?.length === 0) return false
  if (draft.kind === 'syslog') return draft.host.trim() !== '' && draft.port > 0
  return draft.kind === 'file' ? draft.file.trim() !== '' : draft.url.trim() !== ''
}
