import { dayTimeText, exactText, useClock } from '@stint/ui'
import type { ApproverRef, ComputerRef, UserRef } from '@stint/wire/reports'
import { Link } from '@tanstack/react-router'

const classTexts: Readonly<Record<string, string>> = {
  server: 'Server',
  workstation: 'Workstation',
  laptop: 'Laptop',
  vm: 'Virtual machine',
}

/** Leads to everything this person did with raised rights. */
export function UserCell({ user }: { readonly user: UserRef }) {
  const place = [user.domain, user.ou].filter(Boolean).join(', ')
  return (
    <span className="st-two">
      <Link
        to="/reports/$report"
        params={{ report: 'usage' }}
        search={{ user: user.id, period: 'all' }}
        title={user.id}
      >
        {user.name}
      </Link>
      <span>{place === '' ? 'local account' : place}</span>
    </span>
  )
}

export function ComputerCell({ computer }: { readonly computer: ComputerRef }) {
  return (
    <span className="st-two">
      <Link to="/computers/$deviceId" params={{ deviceId: computer.id }}>
        {computer.name}
      </Link>
      <ComputerKind computer={computer} />
    </span>
  )
}

export function ComputerKind({ computer }: { readonly computer: ComputerRef }) {
  const kind = classTexts[computer.class]
  return <span title={computer.os}>{kind ? `${kind}, ${computer.os}` : computer.os}</span>
}

export function approverText(approver: ApproverRef | null): string {
  return approver === null ? 'nobody on the server' : approver.name
}

/** A time that rows are compared by: the day first, the exact time on hover. */
export function When({ at, none = '' }: { readonly at: string | null; readonly none?: string }) {
  const clock = useClock()
  if (at === null) return <span className="st-faint">{none}</span>
  const time = Date.parse(at)
  return (
    <time className="st-num" dateTime={at} title={exactText(time)}>
      {dayTimeText(time, clock.now())}
    </time>
  )
}

/** A program and what it was started with, cut at the end of its cell and whole on hover. */
export function CommandCell({
  program,
  args,
}: {
  readonly program: string
  readonly args: readonly string[]
}) {
  const rest = args.slice(1).join(' ')
  return (
    <span className="c-command st-mono" title={`${program} ${rest}`.trim()}>
      <span className="st-strong">{program}</span> <span className="st-muted">{rest}</span>
    </span>
  )
}

export const count = (n: number): string => n.toLocaleString('en')
