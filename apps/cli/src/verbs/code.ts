import { ANSWER_LENGTHS, echoTyping } from '@stint/code'
import type { Failure } from '@stint/wire/user-page'
import { type Attempt, done, wrongUsage } from '../ending.ts'
import type { Terminal } from '../terminal.ts'
import { type DoorOption, runWithDoor, type Verb, withDoor } from '../verb.ts'
import { echoText, lengthProblem } from '../words/code-text.ts'
import { statusText } from '../words/status-text.ts'
import { duration } from '../words/time-text.ts'

export const codeVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('code')
      .summary('enter the answer that was read or sent to you')
      .description(
        'Enters the answer to your open request: a response code, its digits or its words, or an answer token. Without it, asks for it.',
      )
      .argument('[answer...]', 'the answer; upper or lower case and spaces do not matter'),
    'stint code 6G1RA-YEH30',
  ).action((words: readonly string[], options: DoorOption) =>
    runWithDoor(around, options, givenText(words, options, around.terminal), async (door, given) => {
      const { terminal, clock } = around
      const text = given ?? (await typed(terminal))
      if (text === null) return noAnswer()
      const answer = await door.call('answer', { text })
      if (!answer.ok) return { ...answer, failure: withNumbers(answer.failure) }
      const { sessionId, mode, endsAt } = answer.value
      const status = await door.call('status', {})
      const shown = status.ok
        ? statusText(status.value, terminal, clock.now())
        : 'You have administrator rights.'
      return done({ sessionId, mode, endsAt }, shown)
    }),
  )
}

/** What stands on the command line; null when a person at a terminal is to be asked. */
function givenText(
  words: readonly string[],
  { json }: DoorOption,
  { interactive }: Terminal,
): () => Promise<Attempt<string | null>> {
  return async () => {
    if (words.length > 0) return { ok: true, value: words.join(' ') }
    return json || !interactive ? noAnswer() : { ok: true, value: null }
  }
}

function noAnswer() {
  return wrongUsage('The answer is missing.', 'Say `stint code ANSWER`, such as `stint code 6G1RA-YEH30`.')
}

async function typed(terminal: Terminal): Promise<string | null> {
  for (;;) {
    const text = await terminal.ask('Answer: ')
    if (text === null) return null
    const problem = lengthProblem(echoTyping(text, ANSWER_LENGTHS))
    terminal.say(`        ${echoText(text)}`)
    if (problem === null) return text
    terminal.say(`        ${problem}`)
  }
}

/** Tries that are left and the length of a pause belong into the sentence. */
function withNumbers(failure: Failure): Failure {
  const { triesLeft, remainingMs } = failure.details ?? {}
  const more = [
    typeof triesLeft === 'number' ? `${triesLeft} ${triesLeft === 1 ? 'try is' : 'tries are'} left.` : '',
    typeof remainingMs === 'number' && remainingMs > 0 ? `The pause lasts ${duration(remainingMs)}.` : '',
  ].filter((sentence) => sentence !== '')
  return { ...failure, message: [failure.message, ...more].join(' ') }
}
