import { done } from '../ending.ts'
import { type DoorOption, runAtDoor, type Verb, withDoor } from '../verb.ts'

export const withdrawVerb: Verb = (program, around) => {
  withDoor(
    program
      .command('withdraw')
      .summary('take your open request back')
      .description('Takes your open request back. Its answer is worthless from then on.'),
    'stint withdraw',
  ).action((options: DoorOption) =>
    runAtDoor(around, options, async (door) => {
      const withdrawn = await door.call('withdraw', {})
      return withdrawn.ok ? done(withdrawn.value, 'Your request is withdrawn.') : withdrawn
    }),
  )
}
