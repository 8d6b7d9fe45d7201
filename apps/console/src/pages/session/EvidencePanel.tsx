import { findingTexts } from '@stint/elevation'
import { Button, Panel, StatusBadge } from '@stint/ui'
import type { SessionDetail } from '@stint/wire/console'
import { IconDownload } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { bundleAddress } from '../../api/sessions.ts'

/** What does not fit in this session's evidence, and the evidence to take away. Nothing while there is neither. */
export function EvidencePanel({ detail }: { readonly detail: SessionDetail }) {
  const may = useMay()
  const { findings, bundle, summary } = detail
  const canTake = bundle && may('read-ledger')
  if (findings.length === 0 && !canTake) return null
  return (
    <Panel
      title="Evidence"
      about={
        findings.length === 0 ? 'Nothing was found that does not fit.' : 'What was found that does not fit.'
      }
      flush
    >
      {findings.length > 0 && (
        <ul className="c-list">
          {findings.map(({ id, code, word, acknowledged }) => (
            <li key={id}>
              <div className="st-two">
                <Link
                  to="/findings"
                  search={{ open: id, ...(acknowledged ? { tab: 'acknowledged' } : {}) }}
                  className="st-row-link"
                >
                  {code}: {findingTexts[word].title}
                </Link>
                <span>{findingTexts[word].means}</span>
              </div>
              <StatusBadge tone={acknowledged ? 'good' : 'warn'} plain>
                {acknowledged ? 'Acknowledged' : 'Open'}
              </StatusBadge>
            </li>
          ))}
        </ul>
      )}
      {canTake && (
        <div className="c-evidence">
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            renderRoot={(props) => <a href={bundleAddress(summary.id)} download {...props} />}
          >
            Evidence pack
          </Button>
          <p className="st-small st-muted">
            A page to read and print, and everything to check it without trusting this server:{' '}
            <span className="st-mono">stint verify</span> and the file.
          </p>
        </div>
      )}
    </Panel>
  )
}
