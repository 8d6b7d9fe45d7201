import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { NotTaken } from './outlet.ts'

/**
 * Where facts are never sent, whatever a name leads to: link-local addresses, where clouds keep the secrets of a
 * machine, and those that are nobody's.
 */
const nowhere = new BlockList()
nowhere.addSubnet('169.254.0.0', 16, 'ipv4')
nowhere.addSubnet('0.0.0.0', 8, 'ipv4')
nowhere.addSubnet('224.0.0.0', 3, 'ipv4')
nowhere.addSubnet('fe80::', 10, 'ipv6')
nowhere.addSubnet('ff00::', 8, 'ipv6')
nowhere.addAddress('::', 'ipv6')
nowhere.addAddress('fd00:ec2::254', 'ipv6')

/** Whether this literal address, without brackets, is one of those. A name is not one. */
export function isNowhere(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && nowhere.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** Looks a name up and refuses when any of its addresses is one where facts are never sent. */
export const guardedLookup: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    const [first] = found ?? []
    if (error !== null) return done(error, '', 0)
    if (first === undefined || found.some(({ address }) => isNowhere(address)))
      return done(new NotTaken('That name leads to an address where facts are never sent.'), '', 0)
    return options.all === true ? done(null, found) : done(null, first.address, first.family)
  })
}

/** Host of an address as `net` takes it: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/** This machine, said by its address or by the one name that nobody else can give out. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
