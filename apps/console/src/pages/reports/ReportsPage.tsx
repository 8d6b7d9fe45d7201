import { type ReportName, reportLabels, reportNames } from '@stint/elevation'
import { PageHeader, Panel } from '@stint/ui'
import {
  IconAdjustmentsHorizontal,
  IconApps,
  IconBan,
  IconDeviceDesktop,
  IconHistory,
  IconInbox,
  IconShieldSearch,
  IconTerminal2,
  type TablerIcon,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'
import { useSavedFilters } from '../../api/reports.ts'
import { NotForYou } from '../../ui/NotForYou.tsx'
import { reportKinds } from './kinds.ts'
import { exactPeriod, periodOf } from './period.ts'

const icons: Readonly<Record<ReportName, TablerIcon>> = {
  usage: IconHistory,
  processes: IconTerminal2,
  requests: IconInbox,
  programs: IconApps,
  denied: IconBan,
  'effective-policy': IconAdjustmentsHorizontal,
  computers: IconDeviceDesktop,
}

/** Every report with the question that it answers, and the filters that were kept. */
export function ReportsPage() {
  const may = useMay()
  if (!may('read-reports')) return <NotForYou title="Reports" what="read reports" />
  return (
    <>
      <PageHeader
        title="Reports"
        about="What happened, counted and listed. Each can be filtered, exported whole, printed, and sent by itself."
      />
      <div className="st-stack">
        <ul className="c-reports">
          {reportNames.map((name) => {
            const Icon = icons[name]
            return (
              <li key={name}>
                <Icon size={20} aria-hidden="true" />
                <div>
                  <Link to="/reports/$report" params={{ report: name }} className="st-row-link">
                    {reportLabels[name]}
                  </Link>
                  <p className="st-muted">{reportKinds[name].answers}</p>
                </div>
              </li>
            )
          })}
          <li>
            <IconShieldSearch size={20} aria-hidden="true" />
            <div>
              <Link to="/findings" className="st-row-link">
                Findings
              </Link>
              <p className="st-muted">What does not fit in the evidence, and what somebody found it to be.</p>
            </div>
          </li>
        </ul>
        <Kept />
      </div>
    </>
  )
}

function Kept() {
  const { data = [] } = useSavedFilters()
  if (data.length === 0) return null
  return (
    <Panel title="Saved filters" flush>
      <ul className="c-list">
        {data.map(({ id, name, report, filter: { from, to, ...filter }, own, owner }) => (
          <li key={id}>
            <div className="st-two">
              <Link
                to="/reports/$report"
                params={{ report }}
                search={{
                  ...filter,
                  ...(from || to
                    ? {
                        period: exactPeriod,
                        ...periodOf({ ...(from ? { from } : {}), ...(to ? { to } : {}) }),
                      }
                    : {}),
                }}
                className="st-row-link"
              >
                {name}
              </Link>
              <span>{reportLabels[report]}</span>
            </div>
            <span className="st-small st-muted">{own ? 'Yours' : `Shared by ${owner.name}`}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
