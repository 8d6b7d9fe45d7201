import { type SinkKind, sinkKinds } from '@stint/elevation'
import { Button, ErrorState, Modal, Radio, SegmentedControl, TextInput, toast } from '@stint/ui'
import type { Sink } from '@stint/wire/sinks'
import { type FormEvent, useState } from 'react'
import { asProblem } from '../../api/client.ts'
import { useChangeSink, useMakeSink } from '../../api/sinks.ts'
import { bodyOf, changeOf, draftOf, emptyDraft, isWhole, type SinkDraft } from './draft.ts'
import { FactTypes } from './FactTypes.tsx'
import { KindFields } from './KindFields.tsx'
import { kindTexts } from './words.ts'

interface ConnectionDialogProps {
  /** Null: closed. */
  readonly sink: Sink | 'new' | null
  readonly hasFolder: boolean
  readonly onClose: () => void
  readonly onSecret: (secret: string) => void
}

export function ConnectionDialog({ sink, hasFolder, onClose, onSecret }: ConnectionDialogProps) {
  return (
    <Modal
      opened={sink !== null}
      onClose={onClose}
      title={sink === 'new' ? 'Connect a system' : 'Change the connection'}
      size="34rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div data-st-modal="">
        <ConnectionForm
          sink={sink === 'new' ? null : sink}
          hasFolder={hasFolder}
          onClose={onClose}
          onSecret={onSecret}
        />
      </div>
    </Modal>
  )
}

type ConnectionFormProps = Omit<ConnectionDialogProps, 'sink'> & { readonly sink: Sink | null }

function ConnectionForm({ sink, hasFolder, onClose, onSecret }: ConnectionFormProps) {
  const make = useMakeSink()
  const change = useChangeSink()
  const [draft, setDraft] = useState<SinkDraft>(sink ? draftOf(sink) : emptyDraft('syslog'))
  const edit = (to: Partial<SinkDraft>) => setDraft({ ...draft, ...to })
  const trouble = make.error ?? change.error
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const done = (secret: string | null) => {
      onClose()
      if (secret === null) toast.done(sink ? 'Changed' : 'Connected', 'Try it with Send a test.')
      else onSecret(secret)
    }
    if (sink) change.mutate({ id: sink.id, ...changeOf(draft) }, { onSuccess: () => done(null) })
    else make.mutate(bodyOf(draft), { onSuccess: (made) => done(made.secret) })
  }
  return (
    <form className="st-stack" onSubmit={submit}>
      {!sink && <KindPicker kind={draft.kind} hasFolder={hasFolder} onChange={(kind) => edit({ kind })} />}
      <TextInput
        label="Name"
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => edit({ name: event.currentTarget.value })}
        {...(sink ? { 'data-autofocus': true } : {})}
      />
      <KindFields draft={draft} onChange={edit} keepsSecret={sink?.hasSecret ?? false} />
      <FactTypes types={draft.types} onChange={(types) => edit({ types })} />
      {!sink && (
        <fieldset className="c-plain-fieldset">
          <legend>Beginning with</legend>
          <SegmentedControl
            fullWidth
            data={[
              { value: 'now', label: 'What happens from now on' },
              { value: 'beginning', label: 'The first fact of the ledger' },
            ]}
            value={draft.from}
            onChange={(from) => edit({ from: from as SinkDraft['from'] })}
            aria-label="Beginning with"
          />
        </fieldset>
      )}
      {trouble && <ErrorState trouble={asProblem(trouble)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={make.isPending || change.isPending} disabled={!isWhole(draft)}>
          {sink ? 'Save changes' : 'Connect it'}
        </Button>
      </div>
    </form>
  )
}

interface KindPickerProps {
  readonly kind: SinkKind
  readonly hasFolder: boolean
  readonly onChange: (kind: SinkKind) => void
}

function KindPicker({ kind, hasFolder, onChange }: KindPickerProps) {
  return (
    <Radio.Group label="How" value={kind} onChange={(next) => onChange(next as SinkKind)}>
      <div className="c-radios">
        {sinkKinds.map((one) => (
          <Radio
            key={one}
            value={one}
            label={kindTexts[one].label}
            disabled={one === 'file' && !hasFolder}
            description={
              one === 'file' && !hasFolder
                ? 'This server was started without a folder for it.'
                : kindTexts[one].about
            }
          />
        ))}
      </div>
    </Radio.Group>
  )
}
