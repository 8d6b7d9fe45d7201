import { done, type Outcome, refused } from '@stint/elevation'
import type { Account, Os } from '../os/os.ts'

/** Who is calling, as the operating system says it: made from the socket's uid, never from a message. */
export class Asker {
  readonly #known = true
  readonly uid: number
  /** `uid:<n>:<name>`: a uid that was given to somebody else is another person. */
  readonly userId: string
  readonly name: string

  private constructor(account: Account) {
    this.uid = account.uid
    this.userId = account.userId
    this.name = account.name
  }

  static is(value: unknown): value is Asker {
    return typeof value === 'object' && value !== null && #known in value && value.#known
  }

  /** Refuses with `not-eligible`: nobody has this uid, or the directory does not answer. */
  static async of(os: Pick<Os, 'account'>, uid: number): Promise<Outcome<Asker>> {
    const account = await os.account(uid)
    if (account === 'gone') return refused('not-eligible')
    if (account === 'unreachable')
      return refused('not-eligible', {
        hint: 'The directory of accounts does not answer. Try again in a minute.',
      })
    return done(new Asker(account))
  }
}
