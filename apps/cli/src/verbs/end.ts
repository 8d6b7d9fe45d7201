import { done } from '../ending.ts'
import { type DoorOption, runAtDoor, type Verb, withDoor } from '../verb.ts'

export const endVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('end')
      .summary('give your administrator rights back now')
      .description('Ends your administrator rights now.'),
    'stint end',
  ).action((options: DoorOption) =>
    runAtDoor(around, options, async (door) => {
      const ended = await door.call('end', {})
      if (!ended.ok) return ended
      const { sessionId, endedAt, endReason, processes } = ended.value
      return done(
        { sessionId, endedAt, endReason, processes },
        `Your administrator rights are over. ${processes} programs were recorded.`,
      )
    }),
  )
}
