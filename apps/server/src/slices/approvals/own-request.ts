/**
 * Whether an approver and a requester are the same person, as far as the server can know: the account's name or id is
 * the approver's e-mail address or the part before its `@`. Written the other way round it would be the server's guess
 * who somebody is; this way a doubt only costs asking a colleague.
 */
export function isOwnRequest(
  approver: { readonly email: string },
  request: { readonly userId: string; readonly userName: string },
): boolean {
  const email = approver.email.toLowerCase()
  const local = email.slice(0, email.lastIndexOf('@'))
  const names = [request.userName, request.userId, ...tails(request.userName), ...tails(request.userId)]
  return names.some((name) => [email, local].includes(name.toLowerCase()))
}

/** What stands after the last `:` or `\`, and that before an `@`: `uid:1000:ada`, `upn:ada@example.org`, `CORP\ada`. */
function tails(name: string): string[] {
  const tail = name.slice(Math.max(name.lastIndexOf(':'), name.lastIndexOf('\\')) + 1)
  const at = tail.lastIndexOf('@')
  return at === -1 ? [tail] : [tail, tail.slice(0, at)]
}
