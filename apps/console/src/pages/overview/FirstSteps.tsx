import type { Right } from '@stint/elevation'
import { Panel } from '@stint/ui'
import type { Overview } from '@stint/wire/console'
import { IconArrowRight, IconCircleDashed } from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useMay } from '../../api/account.ts'

type Todo = Overview['todo'][number]

interface Step {
  readonly title: string
  readonly text: string
  readonly verb: string
  /** Who may do it; others see no step that they cannot take. */
  readonly right: Right
  readonly link: Pick<LinkProps, 'to' | 'search' | 'hash'>
}

const steps: Record<Todo, Step> = {
  'enrol-computer': {
    title: 'Enrol a first computer',
    text: 'One command on it, run as root, connects it to this server. Nobody gets rights by that alone.',
    verb: 'Enrol a computer',
    right: 'administer-devices',
    link: { to: '/computers', search: { enrol: 'yes' } },
  },
  'invite-approver': {
    title: 'Invite somebody who approves',
    text: 'Nobody decides about their own request, so there have to be two of you.',
    verb: 'Invite',
    right: 'administer-people',
    link: { to: '/people', search: { invite: 'yes' } },
  },
  'set-contacts': {
    title: 'Say whom to call',
    text: 'Users see a telephone number, an address or a link beside their request code.',
    verb: 'Set contacts',
    right: 'administer-policy',
    link: { to: '/policy', hash: 'contacts' },
  },
  'enable-offline-codes': {
    title: 'Decide about codes by telephone',
    text: 'They are off. With them on, somebody without a network can still be helped.',
    verb: 'Look at the setting',
    right: 'administer-policy',
    link: { to: '/policy', hash: 'codes' },
  },
}

/** What a new installation still has to do. It goes away by itself. */
export function FirstSteps({ todo }: { readonly todo: readonly Todo[] }) {
  const may = useMay()
  const mine = todo.filter((name) => may(steps[name].right))
  if (mine.length === 0) return null
  return (
    <Panel title="First steps" about="Each goes away once it is done." flush>
      <ol className="c-steps">
        {mine.map((name) => {
          const step = steps[name]
          return (
            <li key={name}>
              <IconCircleDashed size={20} aria-hidden="true" />
              <div>
                <p className="st-strong">{step.title}</p>
                <p className="st-small st-muted">{step.text}</p>
              </div>
              <Link {...step.link} className="c-step-link">
                {step.verb} <IconArrowRight size={15} aria-hidden="true" />
              </Link>
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}
