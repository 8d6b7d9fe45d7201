import type { Contacts } from '@stint/elevation'

export interface Contact {
  readonly kind: 'email' | 'link' | 'telephone'
  readonly value: string
}

/** The contacts that are offered, in the order in which they help without a network. */
export function contactList({ telephone, email, link }: Contacts): readonly Contact[] {
  const all: Contact[] = [
    { kind: 'telephone', value: telephone },
    { kind: 'email', value: email },
    { kind: 'link', value: link },
  ]
  return all.filter(({ value }) => value !== '')
}

const labels: Record<Contact['kind'], string> = { telephone: 'call', email: 'write', link: 'open' }

export function contactLines(contacts: Contacts): readonly string[] {
  return contactList(contacts).map(({ kind, value }) => `${labels[kind].padEnd(6)}${value}`)
}
