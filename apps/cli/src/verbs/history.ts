import { done, wrongUsage } from '../ending.ts'
import { type DoorOption, runAtDoor, type Verb, withDoor } from '../verb.ts'
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
    runAtDoor(around, options, async (door) => {
      const limit = Number(options.limit)
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100))
        return wrongUsage('--limit is a whole number from 1 to 100.', 'Such as --limit 5.')
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
