import { type Attempt, done, wrongUsage } from '../ending.ts'
import { type DoorOption, runWithDoor, type Verb, withDoor } from '../verb.ts'
import { historyLine } from '../words/status-text.ts'

interface Options extends DoorOption {
  readonly limit: string
}

export const historyVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('history')
      .summary('your own sessions on this computer')
      .description('Lists your own sessions on this computer, newest first.')
      .option('--limit <n>', 'how many, at most 100', '20'),
    'stint history --limit 5',
  ).action((options: Options) =>
    runWithDoor(around, options, limitOf(options), async (door, limit) => {
      const history = await door.call('history', { limit })
      if (!history.ok) return history
      const { sessions } = history.value
      const lines = sessions.map((session) => historyLine(session, around.clock.now()))
      return done(
        { sessions },
        lines.length > 0 ? lines.join('\n') : 'You had no administrator rights here yet.',
      )
    }),
  )
}

function limitOf(options: Options): () => Promise<Attempt<number>> {
  return async () => {
    const limit = Number(options.limit)
    if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return { ok: true, value: limit }
    return wrongUsage('--limit is a whole number from 1 to 100.', 'Such as `stint history --limit 5`.')
  }
}
