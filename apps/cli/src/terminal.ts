import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'
import type { Failure } from '@stint/wire/user-page'
import type { Config } from './config.ts'
import { type Ending, exitCodes, failureJson } from './ending.ts'

type Style = Parameters<typeof styleText>[0]

/** Where a verb speaks: results on stdout, everything said on the way on stderr. */
export interface Terminal {
  /** A person watches stdout. */
  readonly interactive: boolean
  /** Width of a line in characters, 80 where it is not a terminal. */
  readonly columns: number
  /** A line of the result. */
  print(line: string): void
  /** A line of progress. */
  say(line: string): void
  /** Progress that replaces itself on a terminal and is left out elsewhere. */
  progress(line: string): void
  /** A line typed by the person; null at the end of input. */
  ask(question: string): Promise<string | null>
  style(style: Style, text: string): string
}

/** Text from outside without anything that could move the cursor or turn the reading direction. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu, ' ').trim()
}

export function createTerminal({ color }: Pick<Config, 'color'>): Terminal {
  const { stdin, stdout, stderr } = process
  const styled = color && stdout.isTTY === true
  let open = false
  const clear = () => {
    if (open) stderr.write('\r\u001b[K')
    open = false
  }
  return {
    interactive: stdout.isTTY === true && stdin.isTTY === true,
    columns: stdout.columns ?? 80,
    print: (line) => {
      clear()
      stdout.write(`${line}\n`)
    },
    say: (line) => {
      clear()
      stderr.write(`${line}\n`)
    },
    progress: (line) => {
      if (!stderr.isTTY) return
      stderr.write(`\r\u001b[K${line}`)
      open = true
    },
    ask: async (question) => {
      clear()
      const lines = createInterface({ input: stdin, output: stderr, terminal: stdin.isTTY === true })
      const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)))
      const answer = await Promise.race([lines.question(question).catch(() => null), closed])
      lines.close()
      return answer
    },
    style: (style, text) => (styled ? styleText(style, text, { validateStream: false }) : text),
  }
}

/** Shows an ending and gives its exit code. With `json`, stdout gets one object and nothing else. */
export function show(ending: Ending, terminal: Terminal, json: boolean): number {
  if (json) showJson(ending.ok ? ending.json : failureJson(ending.failure), terminal)
  else if (ending.ok) for (const line of ending.text.split('\n')) terminal.print(line)
  else showFailure(ending.failure, terminal)
  return ending.ok ? 0 : exitCodes[ending.failure.kind]
}

/** A verb that printed its objects by itself ends with none. */
function showJson(json: unknown, terminal: Terminal): void {
  if (json !== undefined) terminal.print(JSON.stringify(json))
}

function showFailure({ message, hint }: Failure, terminal: Terminal): void {
  terminal.say(`${terminal.style(['bold', 'red'], 'error:')} ${plain(message)}`)
  if (hint !== '') terminal.say(`${terminal.style('bold', 'hint:')} ${plain(hint)}`)
}
