import type { Readable } from 'node:stream'

/** One mail. Lines of its head hold no line ends; `id` is the same for the same delivery, whoever sends it. */
export interface Letter {
  readonly id: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly attachment: { readonly name: string; readonly type: string; readonly content: Readable }
}

/** Gives a mail to the mail server. Throws `NotSent`. */
export interface Post {
  /** For people: which server. */
  readonly host: string
  readonly from: string
  /** Addresses that the server did not take, when it took others. */
  send(letter: Letter): Promise<{ readonly refused: readonly string[] }>
}

/** Files for others to fetch, below one folder. Throws `NotSent`. */
export interface ReportFolder {
  /** A name that is there already is replaced as a whole. `path` is relative; its folders are made. */
  write(path: string, name: string, content: Readable): Promise<void>
}

/** What this server was started with. */
export interface Means {
  readonly email: Post | null
  readonly folder: ReportFolder | null
}

/** Why it was not sent. `isUncertain`: it may have arrived all the same. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
  readonly isUncertain: boolean

  constructor(message: string, isUncertain: boolean) {
    super(message)
    this.isUncertain = isUncertain
  }
}
