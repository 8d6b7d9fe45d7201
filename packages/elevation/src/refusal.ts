/**
 * An expected "no": a value, never an exception. It reaches the person as a sentence and the next step,
 * and other programs as the code.
 */
export interface Refusal {
  readonly code: RefusalCode
  /** One sentence for the person, no trailing period needed elsewhere: it ends with one. */
  readonly message: string
  /** What to do next, one sentence. */
  readonly hint: string
  /** Numbers a face may show: `remainingMs`, `triesLeft`, `fromMinutes` … */
  readonly details?: Readonly<Record<string, string | number | boolean>>
}

/** Every refusal that the product can give, with its words. Written once; faces and tests match the code. */
const refusals = {
  // asking
  'not-eligible': [
    'This account may not ask for administrator rights.',
    'Ask your administrator to change the policy of this computer.',
  ],
  'not-enrolled': [
    'This computer is not connected to a Stint server yet.',
    'Ask your administrator to enrol it.',
  ],
  'already-granted': ['You already have administrator rights.', 'See `stint status` for the time left.'],
  'request-open': ['You already have an open request.', 'Enter its answer, or withdraw it to ask again.'],
  'no-request': ['You have no open request.', 'Ask first, with `stint request`.'],
  'no-session': ['You have no administrator rights at the moment.', 'Ask for them with `stint request`.'],
  'reason-required': [
    'A reason of that length is not accepted.',
    'Say in one sentence what you need the rights for.',
  ],
  'ticket-required': ['A ticket number is required.', 'Give it with the request.'],
  'minutes-above-ceiling': ['That is longer than the policy allows.', 'Ask for fewer minutes.'],
  'mode-not-available': [
    'That kind of elevation is not available on this computer.',
    'Ask for a session instead.',
  ],
  'too-many-requests': ['That is too many requests for now.', 'Use the open one, or try again later.'],
  'offline-codes-disabled': [
    'Codes by telephone are switched off for this computer.',
    'Connect to the network, or ask your administrator to switch them on.',
  ],
  // answering, the words of the code protocol
  format: ['That is not an answer code.', 'A response code has ten symbols in two groups of five.'],
  typo: [
    'There is a typing error in that code.',
    'Compare it symbol by symbol with what was read to you. This did not count as a try.',
  ],
  bad: [
    'That code does not fit your open request.',
    'Read the request code on this screen to the approver again.',
  ],
  wait: ['Too many wrong codes; there is a pause now.', 'Wait until the pause is over, then try again.'],
  locked: [
    'Codes are locked after too many wrong ones.',
    'Connect to the network: an approval that arrives that way works.',
  ],
  expired: [
    'Your request has run out, or was closed after too many wrong codes.',
    'Ask again for a new request code.',
  ],
  denied: ['Your request was denied.', 'Speak with the approver before you ask again.'],
  withdrawn: ['Your request was withdrawn.', 'Ask again when you need the rights.'],
  void: ['Your request takes no more answers.', 'Ask again for a new request code.'],
  consumed: ['That code was used already.', 'Ask again for a new request code.'],
  quarantine: [
    'This computer’s state seems to have been set back.',
    'Tell your administrator: somebody must look at this computer.',
  ],
  'wrong-signature': [
    'That answer was not signed by your organisation.',
    'Ask the approver to send it again.',
  ],
  'not-here': [
    'That answer was made for another computer.',
    'Read the request code on this screen to the approver again.',
  ],
  'not-you': ['That answer was made for another user.', 'Sign in as the user who asked.'],
  'not-now': ['That answer is not valid at this time.', 'Ask again for a new request code.'],
  'raise-failed': [
    'The rights could not be given.',
    'Nothing was changed. See `stint doctor`, or tell your administrator.',
  ],
  'lowering-pending': [
    'The rights of an earlier session are still being taken away.',
    'Wait a moment. If this stays, tell your administrator.',
  ],
  // seeing, deciding, issuing
  'unknown-device': ['No computer is known by that code.', 'Check the first five symbols with the caller.'],
  'malformed-code': [
    'That is not a complete request code.',
    'A request code has three groups of five symbols.',
  ],
  'code-not-recognised': [
    'That code fits no open request of this computer.',
    'Ask the caller to read it again, group by group.',
  ],
  'stale-code': [
    'That request was answered or overtaken by a newer one.',
    'Ask the caller for the code that is on the screen now.',
  ],
  'own-request': ['Nobody agrees to their own request.', 'Ask another approver.'],
  'not-an-approver': ['Your role does not allow this.', 'Ask an owner to change it.'],
  'caller-not-checked': ['Say first how you know who is calling.', 'Choose one of the checks.'],
  'already-decided': ['This request was decided already.', 'Reload to see how.'],
  quota: [
    'The limit of codes for now is reached.',
    'Try again later, or ask an owner why so many are needed.',
  ],
  ceiling: ['That is longer than the policy of this computer allows.', 'Choose a shorter time.'],
  'issuer-unreachable': [
    'The issuer is not running.',
    'Nothing was given out. Ask whoever runs the server to look at it.',
  ],
  // people and the programs of others
  'not-signed-in': ['You are not signed in.', 'Sign in first.'],
  'wrong-credentials': [
    'That e-mail address and password do not fit.',
    'Try again. After several failures there is a pause.',
  ],
  'too-many-attempts': ['Too many attempts.', 'Wait a few minutes, then try again.'],
  csrf: ['The page was too old to be trusted.', 'Reload it and try again.'],
  'link-used': ['This link was used already, or has run out.', 'Ask for a new one.'],
  'weak-password': ['That password is too short.', 'Use at least 12 characters; a few words are fine.'],
  'already-initialised': ['This server has an owner already.', 'Sign in, or start with another data folder.'],
  'not-found': ['There is nothing at that address.', 'It may have been removed; go back and reload.'],
  invalid: ['Something in that input is not right.', 'Check the fields that are marked.'],
  'not-offered': [
    'This server was started without a way to send that.',
    'Ask whoever runs it to start it with mail or a folder for reports.',
  ],
  conflict: ['Somebody changed this at the same time.', 'Reload and try again.'],
  // devices
  'token-used': [
    'That enrolment token was used up, has run out or was revoked.',
    'Make a new one in the console under Computers.',
  ],
  'device-revoked': ['This computer was revoked.', 'Enrol it again with a new token.'],
  'device-suspended': [
    'Two computers claim to be this one.',
    'An administrator must look at it in the console.',
  ],
  'device-unauthenticated': [
    'The computer could not prove who it is.',
    'Its clock may be wrong, or it must be enrolled again.',
  ],
  'journal-gap': [
    'The journal does not join what was received before.',
    'It is sent again from the last receipt.',
  ],
  // local
  'agent-not-running': [
    'The Stint agent is not running on this computer.',
    'Start it, or tell your administrator.',
  ],
  'server-unreachable': [
    'The server cannot be reached.',
    'Read the request code to an approver by telephone.',
  ],
  busy: ['Another call of yours is being worked on.', 'Wait for it to finish.'],
} as const satisfies Record<string, readonly [message: string, hint: string]>

export type RefusalCode = keyof typeof refusals
export const refusalCodes = Object.keys(refusals) as readonly RefusalCode[]

/** Builds the refusal for a code. `hint` replaces the usual next step where a better one is known. */
export function refuse(
  code: RefusalCode,
  more: { readonly hint?: string; readonly details?: Refusal['details'] } = {},
): Refusal {
  const [message, hint] = refusals[code]
  return {
    code,
    message,
    hint: more.hint ?? hint,
    ...(more.details === undefined ? {} : { details: more.details }),
  }
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refused: Refusal }

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function refused(...args: Parameters<typeof refuse>): {
  readonly ok: false
  readonly refused: Refusal
} {
  return { ok: false, refused: refuse(...args) }
}
