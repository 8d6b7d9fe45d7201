import { findingTexts } from '@stint/elevation'
import { Button, ErrorState, exactText, type Fact, Facts, Modal, Notice, Textarea, toast } from '@stint/ui'
import type { Finding } from '@stint/wire/findings'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useAcknowledge } from '../../api/findings.ts'
import { detailFact, entriesText, findingCodeTexts } from '../../ui/finding-words.ts'

interface FindingDialogProps {
  /** Null: closed. */
  readonly finding: Finding | null
  readonly onClose: () => void
}

/** One finding: what it means, what to do, its figures, and the note of whoever looked into it. */
export function FindingDialog({ finding, onClose }: FindingDialogProps) {
  return (
    <Modal
      opened={finding !== null}
      onClose={onClose}
      title={finding ? findingTexts[finding.word].title : ''}
      size="36rem"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {finding && <FindingBody finding={finding} onClose={onClose} />}
    </Modal>
  )
}

function FindingBody({ finding, onClose }: { readonly finding: Finding; readonly onClose: () => void }) {
  const may = useMay()
  const { means, next } = findingTexts[finding.word]
  const { acknowledged } = finding
  return (
    <div className="st-stack" data-st-modal="">
      <div>
        <p>{means}</p>
        {acknowledged === null && <p className="c-finding-next">{next}</p>}
      </div>
      <Facts facts={factsOf(finding)} />
      {acknowledged ? (
        <Notice tone="good" title={`Acknowledged by ${acknowledged.by}`}>
          {acknowledged.note}
          <p className="st-small st-muted">{exactText(Date.parse(acknowledged.at))}</p>
        </Notice>
      ) : may('acknowledge-findings') ? (
        <AcknowledgeForm finding={finding} onClose={onClose} />
      ) : (
        <p className="st-small st-muted">
          Your role does not acknowledge findings; an administrator or an auditor does.
        </p>
      )}
    </div>
  )
}

function factsOf(finding: Finding): readonly Fact[] {
  const { code, word, device, sessionId, foundAt, details } = finding
  return [
    {
      label: 'Computer',
      value: (
        <Link to="/computers/$deviceId" params={{ deviceId: device.id }}>
          {device.name}
        </Link>
      ),
    },
    { label: 'In its journal', value: entriesText(finding) },
    {
      label: 'Session',
      value:
        sessionId === null ? (
          'About none'
        ) : (
          <Link to="/sessions/$sessionId" params={{ sessionId }}>
            Open session
          </Link>
        ),
    },
    {
      label: 'Check',
      value: (
        <>
          {code}, {findingCodeTexts[code]} (<span className="st-mono">{word}</span>)
        </>
      ),
    },
    { label: 'Found', value: exactText(Date.parse(foundAt)) },
    ...Object.entries(details).map(([name, value]) => detailFact(name, value)),
  ]
}

function AcknowledgeForm({ finding, onClose }: { readonly finding: Finding; readonly onClose: () => void }) {
  const acknowledge = useAcknowledge()
  const [note, setNote] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    acknowledge.mutate(
      { id: finding.id, note: note.trim() },
      {
        onSuccess: () => {
          onClose()
          toast.done('Acknowledged', 'Your note stands in the ledger.')
        },
      },
    )
  }
  return (
    <form className="st-stack" data-gap="3" onSubmit={submit}>
      <Textarea
        label="What it was"
        description="What you found out, or why it is harmless. It cannot be changed later."
        required
        autosize
        minRows={2}
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-autofocus
      />
      {acknowledge.error && <ErrorState trouble={asProblem(acknowledge.error)} size="inline" />}
      <div className="st-row" data-end data-gap="2">
        <Button variant="default" onClick={onClose}>
          Later
        </Button>
        <Button type="submit" loading={acknowledge.isPending} disabled={note.trim() === ''}>
          Acknowledge
        </Button>
      </div>
    </form>
  )
}
