import { NumberInput, PasswordInput, Switch, Textarea, TextInput } from '@stint/ui'
import type { SinkDraft } from './draft.ts'

interface KindFieldsProps {
  readonly draft: SinkDraft
  readonly onChange: (to: Partial<SinkDraft>) => void
  /** There is a secret already, which is never shown. */
  readonly keepsSecret: boolean
}

/** What one kind of receiver needs, and nothing else. */
export function KindFields({ draft, onChange, keepsSecret }: KindFieldsProps) {
  if (draft.kind === 'file') {
    return (
      <TextInput
        label="File name"
        description="In the folder this server was started with; ends in .jsonl. Rotating it is up to you."
        required
        maxLength={100}
        value={draft.file}
        onChange={(event) => onChange({ file: event.currentTarget.value })}
        spellCheck={false}
      />
    )
  }
  if (draft.kind === 'syslog') return <SyslogFields {...{ draft, onChange, keepsSecret }} />
  return (
    <>
      <TextInput
        label="Address"
        description={
          draft.kind === 'otlp'
            ? 'With its path, usually /v1/logs. https, or http on this machine itself.'
            : 'https, or http on this machine itself.'
        }
        type="url"
        required
        placeholder={draft.kind === 'otlp' ? 'https://collector.example.org/v1/logs' : 'https://…'}
        value={draft.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
        spellCheck={false}
      />
      {draft.kind === 'otlp' && (
        <PasswordInput
          label="Authorization"
          description={
            keepsSecret
              ? 'Kept as it is while this is empty.'
              : 'Value of the header, if the receiver wants one.'
          }
          placeholder="Bearer …"
          value={draft.authorization}
          onChange={(event) => onChange({ authorization: event.currentTarget.value })}
          autoComplete="off"
        />
      )}
      <Authorities draft={draft} onChange={onChange} />
    </>
  )
}

function SyslogFields({ draft, onChange, keepsSecret }: KindFieldsProps) {
  return (
    <>
      <div className="c-form-host">
        <TextInput
          label="Host"
          required
          value={draft.host}
          onChange={(event) => onChange({ host: event.currentTarget.value })}
          spellCheck={false}
        />
        <NumberInput
          label="Port"
          min={1}
          max={65_535}
          required
          value={draft.port}
          onChange={(port) => onChange({ port: Number(port) || 0 })}
        />
      </div>
      <Switch
        label="TLS"
        description="Off: everything crosses the network in the clear."
        checked={draft.tls}
        onChange={(event) => onChange({ tls: event.currentTarget.checked })}
      />
      {draft.tls && (
        <>
          <Authorities draft={draft} onChange={onChange} />
          <details className="c-more">
            <summary>Show who we are with a certificate</summary>
            <div className="st-stack" data-gap="3">
              <Pem
                label="Client certificate"
                value={draft.clientCertificate}
                onChange={(clientCertificate) => onChange({ clientCertificate })}
              />
              <Pem
                label="Its key"
                about={keepsSecret ? 'Kept as it is while this is empty.' : 'Written and never read back.'}
                value={draft.clientKey}
                onChange={(clientKey) => onChange({ clientKey })}
              />
            </div>
          </details>
        </>
      )}
    </>
  )
}

function Authorities({ draft, onChange }: Pick<KindFieldsProps, 'draft' | 'onChange'>) {
  return (
    <details className="c-more">
      <summary>Trust a certificate authority of your own</summary>
      <Pem
        label="Certificates of the authority"
        about="Only these are trusted then. Empty: those that every browser knows."
        value={draft.ca}
        onChange={(ca) => onChange({ ca })}
      />
    </details>
  )
}

interface PemProps {
  readonly label: string
  readonly about?: string
  readonly value: string
  readonly onChange: (text: string) => void
}

function Pem({ label, about, value, onChange }: PemProps) {
  return (
    <Textarea
      label={label}
      description={about}
      placeholder="-----BEGIN …"
      autosize
      minRows={3}
      maxRows={8}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      spellCheck={false}
      className="c-pem"
    />
  )
}
