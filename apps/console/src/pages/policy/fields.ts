import type { PlainName } from './values.ts'

interface FieldText {
  readonly name: PlainName
  readonly label: string
  readonly about: string
}
interface SwitchField extends FieldText {
  readonly kind: 'switch'
  readonly on: string
  readonly off: string
}
interface NumberField extends FieldText {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly unit: string
}
interface TextField extends FieldText {
  readonly kind: 'text'
  readonly type: 'email' | 'url' | 'tel'
  readonly placeholder: string
}
export type Field = SwitchField | NumberField | TextField

export interface FieldGroup {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly fields: readonly Field[]
}

/** Every setting that is one plain value, with what it means and what a change of it does. Limits are those of the API. */
export const fieldGroups: readonly FieldGroup[] = [
  {
    id: 'codes',
    title: 'Codes by telephone',
    about: 'For people whose computer has no network.',
    fields: [
      {
        kind: 'switch',
        name: 'offlineCodes',
        label: 'Offline codes',
        about:
          'Lets an approver answer a request code that was read out. A code works on one computer, for one person and one request. While this is off, somebody without a network has to wait.',
        on: 'On',
        off: 'Off',
      },
    ],
  },
  {
    id: 'time',
    title: 'How long',
    about: 'Rights end by themselves, on the computer, also when this server is gone.',
    fields: [
      {
        kind: 'number',
        name: 'minutesDefault',
        label: 'Usual length',
        about: 'What is asked for when somebody does not say how long.',
        min: 1,
        max: 10_080,
        unit: 'minutes',
      },
      {
        kind: 'number',
        name: 'minutesCeiling',
        label: 'Longest',
        about: 'No grant lasts longer, whoever agrees to it. A computer cuts an answer that says more.',
        min: 1,
        max: 10_080,
        unit: 'minutes',
      },
    ],
  },
  {
    id: 'asking',
    title: 'Asking',
    about: 'What a request must say.',
    fields: [
      {
        kind: 'number',
        name: 'reasonMinLength',
        label: 'Shortest reason',
        about: 'A word is rarely a reason. Zero asks for none.',
        min: 0,
        max: 250,
        unit: 'characters',
      },
      {
        kind: 'number',
        name: 'reasonMaxLength',
        label: 'Longest reason',
        about: 'Keeps reasons readable in a list.',
        min: 10,
        max: 1000,
        unit: 'characters',
      },
      {
        kind: 'switch',
        name: 'ticketRequired',
        label: 'Ticket number',
        about: 'A request without one is refused on the computer already.',
        on: 'Required',
        off: 'Not required',
      },
    ],
  },
  {
    id: 'end',
    title: 'When the time is up',
    about: 'The rights always go. This is about programs that still run with them.',
    fields: [
      {
        kind: 'switch',
        name: 'endProcesses',
        label: 'End elevated programs',
        about:
          'Programs that were started with raised rights keep them until they end. On: they are ended, with everything they started. An approver can say otherwise for one request.',
        on: 'Ended',
        off: 'Left running',
      },
      {
        kind: 'number',
        name: 'graceSeconds',
        label: 'Grace',
        about: 'Between asking a program to close and ending it: time to save.',
        min: 0,
        max: 600,
        unit: 'seconds',
      },
    ],
  },
  {
    id: 'clocks',
    title: 'Clocks',
    about: 'How long a request and its answer stay good.',
    fields: [
      {
        kind: 'number',
        name: 'answerByMinutes',
        label: 'Answer by',
        about: 'A request nobody decides runs out after this.',
        min: 5,
        max: 10_080,
        unit: 'minutes',
      },
      {
        kind: 'number',
        name: 'startByMinutes',
        label: 'Start by',
        about: 'An answer must be used this soon after it was given. Then it is worthless.',
        min: 5,
        max: 10_080,
        unit: 'minutes',
      },
    ],
  },
  {
    id: 'contacts',
    title: 'Contacts',
    about: 'What users see beside their request code. Empty ones are not shown.',
    fields: [
      {
        kind: 'text',
        name: 'contacts.telephone',
        label: 'Telephone',
        about: 'The way that works without a network.',
        type: 'tel',
        placeholder: '+46 8 123 45 67',
      },
      {
        kind: 'text',
        name: 'contacts.email',
        label: 'E-mail',
        about: 'Opens a message with the request code already in it.',
        type: 'email',
        placeholder: 'helpdesk@example.org',
      },
      {
        kind: 'text',
        name: 'contacts.link',
        label: 'Ticket system',
        about: 'Where to open a ticket.',
        type: 'url',
        placeholder: 'https://tickets.example.org/new',
      },
    ],
  },
]
