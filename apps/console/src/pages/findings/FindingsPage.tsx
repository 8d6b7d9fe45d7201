import { findingCodes, findingTexts, isOneOf } from '@stint/elevation'
import {
  type Column,
  DataTable,
  EmptyState,
  ErrorState,
  PageHeader,
  Panel,
  RelativeTime,
  Select,
  StatusBadge,
  Tabs,
} from '@stint/ui'
import type { Finding, FindingState } from '@stint/wire/findings'
import { IconShieldCheck } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { asProblem } from '../../api/client.ts'
import { useDevices } from '../../api/devices.ts'
import { useFindings } from '../../api/findings.ts'
import { entriesText, findingCodeTexts } from '../../ui/finding-words.ts'
import { FindingDialog } from './FindingDialog.tsx'

/** What does not fit in the evidence: open until somebody looked and said what it was. */
export function FindingsPage() {
  const { tab } = useSearch({ from: '/shell/findings' })
  const navigate = useNavigate({ from: '/findings' })
  const state = tab === 'acknowledged' ? 'acknowledged' : 'open'
  const go = (next: string | null) =>
    void navigate({
      search: ({ tab: _tab, open: _open, ...rest }) =>
        next === 'acknowledged' ? { ...rest, tab: next } : rest,
    })
  return (
    <>
      <PageHeader
        title="Findings"
        about="What does not fit in the evidence of a computer or of this server. A finding never goes away; somebody looks into it and writes down what it was."
      />
      <Tabs value={state} onChange={go}>
        <Tabs.List aria-label="Findings" mb="md">
          <Tabs.Tab value="open">Open</Tabs.Tab>
          <Tabs.Tab value="acknowledged">Acknowledged</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={state}>
          <FindingList state={state} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function FindingList({ state }: { readonly state: FindingState }) {
  const { device, code, open } = useSearch({ from: '/shell/findings' })
  const navigate = useNavigate({ from: '/findings' })
  const chosen = isOneOf(findingCodes, code) ? code : undefined
  const findings = useFindings({
    state,
    ...(device === undefined ? {} : { device }),
    ...(chosen === undefined ? {} : { code: chosen }),
  })
  const shown = useShown(findings.items, open)
  const close = () => void navigate({ search: ({ open: _open, ...rest }) => rest })
  return (
    <div className="st-stack" data-gap="3">
      <FindingFilters />
      {findings.error ? (
        <ErrorState
          title="The findings could not be read."
          trouble={asProblem(findings.error)}
          onRetry={findings.refetch}
        />
      ) : (
        <Panel flush>
          <DataTable
            caption={state === 'open' ? 'Open findings' : 'Acknowledged findings'}
            columns={state === 'open' ? openColumns : doneColumns}
            rows={findings.items}
            expected={4}
            rowKey={(finding) => finding.id}
            rowLink={(finding, children, className) => (
              <Link
                from="/findings"
                to="."
                search={(now) => ({ ...now, open: finding.id })}
                className={className}
              >
                {children}
              </Link>
            )}
            empty={<NoFinding state={state} isFiltered={device !== undefined || chosen !== undefined} />}
            more={findings.more}
          />
        </Panel>
      )}
      <FindingDialog finding={shown} onClose={close} />
    </div>
  )
}

/** The chosen one; it stays when it leaves the list because somebody acknowledged it. */
function useShown(items: readonly Finding[] | undefined, id: string | undefined): Finding | null {
  const last = useRef<Finding | null>(null)
  const listed = items?.find((finding) => finding.id === id)
  if (listed) last.current = listed
  return last.current?.id === id ? last.current : null
}

function NoFinding({ state, isFiltered }: { readonly state: FindingState; readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={<IconShieldCheck size={22} />} title="Nothing with these filters">
        Take a filter away to see all of them.
      </EmptyState>
    )
  }
  return state === 'open' ? (
    <EmptyState icon={<IconShieldCheck size={22} />} title="Everything that was checked fits together">
      Each upload of a journal is checked against the seals, the receipts, and what this server issued.
    </EmptyState>
  ) : (
    <EmptyState icon={<IconShieldCheck size={22} />} title="Nothing had to be looked into yet">
      What somebody acknowledged stays here, with their note.
    </EmptyState>
  )
}

function FindingFilters() {
  const { device, code } = useSearch({ from: '/shell/findings' })
  const navigate = useNavigate({ from: '/findings' })
  const { items: devices = [] } = useDevices()
  const known = devices.map(({ id, name }) => ({ value: id, label: name }))
  const data =
    device && !known.some(({ value }) => value === device)
      ? [...known, { value: device, label: device }]
      : known
  const change = (name: 'device' | 'code', value: string | null) =>
    void navigate({
      search: ({ open: _open, [name]: _old, ...rest }) =>
        value === null ? rest : { ...rest, [name]: value },
    })
  return (
    <section className="c-filters-row" aria-label="Filters">
      <Select
        aria-label="Computer"
        placeholder="Every computer"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Every computer' }}
        data={data}
        value={device ?? null}
        onChange={(value) => change('device', value)}
      />
      <Select
        className="c-finding-code"
        aria-label="Kind"
        placeholder="Every kind"
        clearable
        clearButtonProps={{ 'aria-label': 'Every kind' }}
        data={findingCodes.map((value) => ({ value, label: `${value} ${findingCodeTexts[value]}` }))}
        value={code ?? null}
        onChange={(value) => change('code', value)}
      />
    </section>
  )
}

const what: Column<Finding> = {
  key: 'what',
  header: 'What was found',
  cell: (finding) => (
    <span className="st-two">
      <span>{findingTexts[finding.word].title}</span>
      <span>
        {finding.code}, <span className="st-mono">{finding.word}</span>
      </span>
    </span>
  ),
}
const where: Column<Finding> = {
  key: 'where',
  header: 'Where',
  width: '24%',
  cell: (finding) => (
    <span className="st-two">
      <Link to="/computers/$deviceId" params={{ deviceId: finding.device.id }}>
        {finding.device.name}
      </Link>
      <span>{entriesText(finding)}</span>
    </span>
  ),
}
const session: Column<Finding> = {
  key: 'session',
  header: 'Session',
  width: '9rem',
  cell: ({ sessionId }) =>
    sessionId === null ? (
      <span className="st-faint">Of none</span>
    ) : (
      <Link to="/sessions/$sessionId" params={{ sessionId }}>
        Open session
      </Link>
    ),
}
const found: Column<Finding> = {
  key: 'found',
  header: 'Found',
  width: '9rem',
  cell: ({ foundAt }) => <RelativeTime at={foundAt} quiet />,
}
const by: Column<Finding> = {
  key: 'by',
  header: 'Acknowledged',
  width: '28%',
  onCard: 'line',
  cell: ({ acknowledged }) =>
    acknowledged && (
      <span className="st-two">
        <span>{acknowledged.note}</span>
        <span>
          {acknowledged.by}, <RelativeTime at={acknowledged.at} quiet />
        </span>
      </span>
    ),
}
const open: Column<Finding> = {
  key: 'state',
  header: 'State',
  width: '7rem',
  cell: () => (
    <StatusBadge tone="warn" plain>
      Open
    </StatusBadge>
  ),
}
const openColumns = [what, where, session, found, open]
const doneColumns = [what, where, by, found]
