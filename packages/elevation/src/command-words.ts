/** One word of a command line as a shell would read it. */
export interface CommandWord {
  /** Without its quotes. */
  readonly text: string
  /** Where each unit of `text` stands in the command line. */
  readonly positions: readonly number[]
  /** It begins a command: nothing before it, or an operator. */
  readonly isFirst: boolean
}

const meaningful = /[\s;|&()<>`'"\\]/
const blank = /\s/
const operator = /[\n;|&()<>`]/

/** True when the text would be more than one word to a shell, or is quoted. */
export function isCommandLine(text: string): boolean {
  return meaningful.test(text)
}

/**
 * The words of a command line. Only quotes, backslashes, blanks and operators mean something here; what a shell would
 * put in place of a variable or a file name is not known.
 */
export function commandWords(line: string): readonly CommandWord[] {
  const gathered = new Gathered()
  let quote: string | null = null
  for (let at = 0; at < line.length; at++) {
    const unit = line[at] ?? ''
    if (unit === '\\' && quote !== "'" && at + 1 < line.length) gathered.take(line, ++at)
    else if (unit === quote) quote = null
    else if (quote !== null) gathered.take(line, at)
    else if (unit === '"' || unit === "'") quote = unit
    else gathered.unquoted(line, at)
  }
  gathered.finish(true)
  return gathered.words
}

class Gathered {
  readonly words: CommandWord[] = []
  #text = ''
  #positions: number[] = []
  #isFirst = true

  take(line: string, at: number): void {
    this.#text += line[at] ?? ''
    this.#positions.push(at)
  }

  unquoted(line: string, at: number): void {
    const unit = line[at] ?? ''
    if (operator.test(unit)) this.finish(true)
    else if (blank.test(unit)) this.finish(false)
    else this.take(line, at)
  }

  finish(endsCommand: boolean): void {
    if (this.#positions.length > 0) {
      this.words.push({ text: this.#text, positions: this.#positions, isFirst: this.#isFirst })
      this.#text = ''
      this.#positions = []
      this.#isFirst = false
    }
    this.#isFirst ||= endsCommand
  }
}
