import type { UserRef } from '@stint/wire/reports'

/**
 * A user with the domain and organisational unit that the id or the name carries: `upn:mia@example.org`,
 * `EXAMPLE\mia`, or a distinguished name `dn:CN=Mia,OU=Sales,DC=example,DC=org`. Null for what is not there.
 */
export function userRef(id: string, name: string): UserRef {
  const rest = id.replace(/^[a-z]+:/, '')
  if (id.startsWith('dn:')) return { id, name, ...directoryPlace(rest) }
  return { id, name, domain: domainOf(id.startsWith('uid:') ? '' : rest) ?? domainOf(name), ou: null }
}

function domainOf(account: string): string | null {
  const [, before] = /^([^\\@]+)\\[^\\]+$/.exec(account) ?? []
  const [, after] = /^[^\\@]+@([^\\@]+)$/.exec(account) ?? []
  return before ?? after ?? null
}

/** Commas that belong to a name stand behind a backslash. Several units read from the top: `Sales/North`. */
function directoryPlace(dn: string): Pick<UserRef, 'domain' | 'ou'> {
  const parts = dn.match(/(?:\\.|[^,\\])+/g) ?? []
  const named = (key: string) =>
    parts.flatMap((part) => {
      const [, value] = new RegExp(`^\\s*${key}\\s*=\\s*(.*)$`, 'i').exec(part) ?? []
      return value === undefined ? [] : [value.replace(/\\(.)/g, '$1').trim()]
    })
  const [units, domain] = [named('OU'), named('DC')]
  return {
    domain: domain.length === 0 ? null : domain.join('.'),
    ou: units.length === 0 ? null : units.reverse().join('/'),
  }
}
