import type { Right } from '@stint/elevation'

/** Who is answerable for a call: a signed-in person, or a program with a token that a person made. */
export interface Actor {
  readonly kind: 'person' | 'token'
  /** Of the person or of the token. */
  readonly id: string
  /** The person behind it: himself, or who made the token. */
  readonly personId: string
  readonly email: string
  /** What stands in the ledger and on screen: the person's name, or `Name (token name)`. */
  readonly label: string
  readonly rights: readonly Right[]
}

/** How the ledger names an actor. */
export function actorText(actor: Pick<Actor, 'kind' | 'id'>): string {
  return `${actor.kind}:${actor.id}`
}

/** The server itself, where no person acted: jobs, expiry, first start. */
export const serverActor = 'server'
