import type { OpenRequestView, UserStatus } from '@stint/wire/local-user'
import { IconExternalLink, IconMail, IconPhone } from '@tabler/icons-react'
import type { ReactNode } from 'react'

interface ContactListProps {
  readonly contacts: UserStatus['contacts']
  readonly request: OpenRequestView
}

/** Where to find somebody entitled to agree; what is not offered is not shown. */
export function ContactList({ contacts, request }: ContactListProps) {
  const { telephone, email, link } = contacts
  if (telephone === '' && email === '' && link === '') return null
  return (
    <section className="dt-contacts" aria-labelledby="contacts">
      <h2 id="contacts">{request.sent ? 'Urgent? Reach an approver' : 'Reach an approver'}</h2>
      <ul>
        {telephone !== '' && (
          <Contact
            href={`tel:${telephone.replace(/[^\d+]/g, '')}`}
            icon={<IconPhone size={18} />}
            what="Call"
          >
            {telephone}
          </Contact>
        )}
        {email !== '' && (
          <Contact
            href={mailTo(email, request)}
            icon={<IconMail size={18} />}
            what="Write, with the code filled in"
          >
            {email}
          </Contact>
        )}
        {isWebAddress(link) && (
          <Contact href={link} icon={<IconExternalLink size={18} />} what="Open a ticket" newTab>
            {link.replace(/^https?:\/\//, '')}
          </Contact>
        )}
      </ul>
    </section>
  )
}

interface ContactProps {
  readonly href: string
  readonly icon: ReactNode
  readonly what: string
  readonly children: string
  readonly newTab?: boolean
}

function Contact({ href, icon, what, children, newTab = false }: ContactProps) {
  return (
    <li>
      <a
        className="dt-contact"
        href={href}
        {...(newTab ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
      >
        <span aria-hidden="true">{icon}</span>
        <span className="dt-contact-text">
          <span className="dt-contact-what">{what}</span>
          <span className="dt-contact-value">{children}</span>
          {newTab && <span className="st-sr"> in a new tab</span>}
        </span>
      </a>
    </li>
  )
}

/** A policy may name any address; the page opens only what a browser shows as a page. */
function isWebAddress(link: string): boolean {
  return /^https?:\/\//i.test(link)
}

function mailTo(email: string, { requestCode, reason, minutes, ticket }: OpenRequestView): string {
  const body = [
    `Please answer my request for administrator rights for ${minutes} minutes.`,
    '',
    `Request code: ${requestCode}`,
    `Reason: ${reason}`,
    ...(ticket === null ? [] : [`Ticket: ${ticket}`]),
  ].join('\r\n')
  const subject = `Administrator rights: ${requestCode}`
  return `mailto:${encodeURIComponent(email).replace('%40', '@')}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`
}
