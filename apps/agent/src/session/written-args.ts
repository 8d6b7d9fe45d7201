import { type Redaction, redactionOf } from '@stint/elevation'

/** Arguments as they go into the journal. */
export interface WrittenArgs {
  readonly args: string[]
  /** Not all of them: they were longer than a fact may be. */
  readonly argsCut: boolean
  /** How many secrets a pattern of the policy took out. */
  readonly redacted: number
}

const argsMaxBytes = 256 * 1024
const mostArgs = 100_000

/** Policy's patterns, made ready once for as long as they are the same list. */
export class ArgsWriter {
  readonly #patterns: () => readonly string[]
  #ready: { readonly patterns: readonly string[]; readonly redaction: Redaction } | null = null

  /** @param patterns `redact` of the policy in force; asked for each program, so that a new policy holds at once */
  constructor(patterns: () => readonly string[]) {
    this.#patterns = patterns
  }

  /** The arguments without secrets and not longer than a fact may be. Whatever is written of them goes through here. */
  write(argv: readonly string[]): WrittenArgs {
    const patterns = this.#patterns()
    if (this.#ready?.patterns !== patterns) this.#ready = { patterns, redaction: redactionOf(patterns) }
    const whole = cut(argv)
    const { args, redacted } = this.#ready.redaction.redactArgs(whole.args)
    // Again: what stands in place of a short secret is longer.
    const written = redacted === 0 ? whole : cut(args)
    return { args: written.args, argsCut: whole.argsCut || written.argsCut, redacted }
  }
}

function cut(argv: readonly string[]): { args: string[]; argsCut: boolean } {
  const args: string[] = []
  let left = argsMaxBytes
  for (const argument of argv) {
    const whole = argument.toWellFormed()
    const bytes = Buffer.byteLength(whole)
    if (bytes > left || args.length >= mostArgs) return { args, argsCut: true }
    left -= bytes
    args.push(whole)
  }
  return { args, argsCut: false }
}
