import { Fault } from '@stint/elevation'

/**
 * Where the calls go: origin and path without a slash at the end. Plain HTTP only to this computer itself, unless
 * `plainHttp`. Throws `Fault('server-address')`.
 */
export function serverAddress(text: string, plainHttp: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const clean =
    url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  const allowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && (plainHttp || isThisComputer(url.hostname)))
  if (url === undefined || !clean || !allowed)
    throw new Fault(
      'server-address',
      'The address of the server cannot be used',
      'It must be https, or http on this computer itself; make a new enrolment token.',
    )
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function isThisComputer(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
