import {
  type Column,
  DataTable,
  EmptyState,
  ErrorState,
  exactText,
  Modal,
  PageHeader,
  Panel,
  RelativeTime,
} from '@stint/ui'
import type { LedgerEntry } from '@stint/wire/console'
import { IconListDetails } from '@tabler/icons-react'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { asProblem } from '../../api/client.ts'
import { useLedger } from '../../api/settings.ts'
import { ledgerTexts } from '../../ui/ledger-texts.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'

const columns: readonly Column<LedgerEntry>[] = [
  {
    key: 'what',
    header: 'What',
    cell: (entry) => (
      <span className="st-two">
        <span>{ledgerTexts[entry.type] ?? entry.type}</span>
        <span className="st-mono">{entry.type}</span>
      </span>
    ),
  },
  { key: 'who', header: 'Who', width: '24%', cell: (entry) => entry.actor },
  {
    key: 'about',
    header: 'About',
    width: '28%',
    cell: (entry) => <span className="st-mono st-muted">{entry.subject}</span>,
  },
  { key: 'when', header: 'When', width: '8rem', cell: (entry) => <RelativeTime at={entry.at} quiet /> },
  {
    key: 'seq',
    header: 'No.',
    width: '5.5rem',
    align: 'end',
    wideOnly: true,
    cell: (entry) => <span className="st-faint">{entry.seq}</span>,
  },
]

export function LedgerPage() {
  const may = useMay()
  const ledger = useLedger()
  const [shown, setShown] = useState<LedgerEntry | null>(null)
  if (!may('read-ledger')) {
    return <NotForYou title="Ledger" what="read the ledger" />
  }
  return (
    <>
      <PageHeader
        title="Ledger"
        about="Every fact of this server, newest first. Nothing here is ever changed or deleted; each entry is chained to the one before."
      />
      {ledger.error ? (
        <ErrorState
          title="The ledger could not be read."
          trouble={asProblem(ledger.error)}
          onRetry={ledger.refetch}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption="Ledger"
            columns={columns}
            rows={ledger.items}
            expected={12}
            rowKey={(entry) => String(entry.seq)}
            rowLink={(entry, children, className) => (
              <button type="button" className={`${className} c-row-button`} onClick={() => setShown(entry)}>
                {children}
              </button>
            )}
            empty={
              <EmptyState icon={<IconListDetails size={22} />} title="No fact yet">
                The first sign-in is the first entry.
              </EmptyState>
            }
            more={ledger.more}
          />
        </Panel>
      )}
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={shown ? `Entry ${shown.seq}` : ''}
        size="38rem"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown && (
          <div className="st-stack" data-gap="3" data-st-modal="">
            <p>
              {ledgerTexts[shown.type] ?? shown.type}, by {shown.actor}, {exactText(Date.parse(shown.at))}.
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long entries scroll, by keyboard too */}
            <pre className="c-json" tabIndex={0}>
              {JSON.stringify(shown.body, null, 2)}
            </pre>
          </div>
        )}
      </Modal>
    </>
  )
}
