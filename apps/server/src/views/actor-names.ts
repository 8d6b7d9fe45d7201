import type { Reader } from '../db/database.ts'

/** Gives the ledger's actors and subjects the names that people know: `person:<id>` becomes `Ada Lovelace`. */
export async function actorNames(
  read: Reader,
  actors: readonly string[],
): Promise<(actor: string) => string> {
  const ids = (kind: string) => [
    ...new Set(
      actors.filter((actor) => actor.startsWith(`${kind}:`)).map((actor) => actor.slice(kind.length + 1)),
    ),
  ]
  const names = new Map<string, string>([['server', 'Server']])
  const people = ids('person')
  if (people.length > 0)
    for (const { id, name, email } of await read
      .selectFrom('person')
      .select(['id', 'name', 'email'])
      .where('id', 'in', people)
      .execute())
      names.set(`person:${id}`, name || email)
  const tokens = ids('token')
  if (tokens.length > 0)
    for (const { id, name } of await read
      .selectFrom('api_token')
      .select(['id', 'name'])
      .where('id', 'in', tokens)
      .execute())
      names.set(`token:${id}`, `Token ${name}`)
  const devices = ids('device')
  if (devices.length > 0)
    for (const { id, name } of await read
      .selectFrom('device')
      .select(['id', 'name'])
      .where('id', 'in', devices)
      .execute())
      names.set(`device:${id}`, name)
  return (actor) => names.get(actor) ?? actor
}
