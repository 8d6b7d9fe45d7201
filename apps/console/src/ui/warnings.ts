import type { Tone } from '@stint/ui'
import type { Warning } from '@stint/wire/console'

interface WarningText {
  readonly tone: Tone
  readonly title: string
  readonly text: string
}

/** What the server noticed about a request code, and what to do with it. */
export const warningTexts: Record<Warning, WarningText> = {
  'counter-went-back': {
    tone: 'bad',
    title: 'This computer’s state went back',
    text: 'It counts requests, and this number was there before. It may have been restored from a snapshot. Make sure before you go on.',
  },
  'device-silent': {
    tone: 'warn',
    title: 'Nothing was heard from it for a long time',
    text: 'Ask where the computer is and why it was not on the network.',
  },
  'policy-old': {
    tone: 'warn',
    title: 'It runs an older policy',
    text: 'What was changed since does not hold there yet. It catches up when it is back on the network.',
  },
  'user-unknown': {
    tone: 'warn',
    title: 'The server does not know this user yet',
    text: 'Type the account name as it stands on their screen.',
  },
  'not-sent': {
    tone: 'unknown',
    title: 'Only the code is known',
    text: 'The request itself is still on the computer, with the reason. Ask for it.',
  },
}
