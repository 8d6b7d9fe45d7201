import { normaliseTyped } from '@stint/code'
import { found, type Route, refuse } from './call.ts'
import { callRequestId } from './requests.ts'

/** The one request code that the fake knows; its computer is nb-field-11. */
export const knownCode = '00K7P-D2M4Q-XA9T3'
/** One symbol away from it. */
export const mistypedCode = '00K7P-D2M4Q-XA9T4'
export const responseText = 'H3TQ9-W7K2C'

const known = normaliseTyped(knownCode)

export const codeRoutes: readonly Route[] = [
  [
    'POST',
    /^\/codes\/identify$/,
    ({ world, body }) => {
      const device = world.devices.find(({ name }) => name === 'nb-field-11')
      if (!device || !normaliseTyped(body.text).startsWith(known.slice(0, 5))) return { device: null }
      const { id, name, state, lastSeenAt } = device
      return { device: { id, name, state, lastSeenAt } }
    },
  ],
  [
    'POST',
    /^\/codes\/resolve$/,
    ({ world, body }) => {
      const typed = normaliseTyped(body.text)
      const request = found(world.requests.find(({ id }) => id === callRequestId))
      if (typed === known) {
        return {
          request,
          requestCode: knownCode,
          warnings: ['not-sent', 'policy-old'],
          sessionsThisWeek: 2,
          suggestions: [],
        }
      }
      if (!typed.startsWith(known.slice(0, 5))) {
        refuse(
          404,
          'unknown-device',
          'No computer is known by that code.',
          'Check the first five symbols with the caller.',
        )
      }
      const near = typed === normaliseTyped(mistypedCode)
      return {
        request: null,
        requestCode: null,
        warnings: [],
        sessionsThisWeek: 0,
        suggestions: near
          ? [{ requestCode: knownCode, deviceName: request.device.name, userName: request.userName }]
          : [],
      }
    },
  ],
  [
    'POST',
    /^\/codes\/issue$/,
    ({ world, body, publish }) => {
      const request = found(world.requests.find(({ id }) => id === body.requestId))
      request.state = 'approved'
      request.decision = {
        by: world.me?.name ?? '',
        at: new Date(world.now()).toISOString(),
        outcome: 'approved',
        minutes: body.minutes,
        endProcesses: body.endProcesses,
        note: body.note,
        callerCheck: body.callerCheck ?? null,
        carried: 'telephone',
      }
      world.ledger.unshift({
        seq: (world.ledger[0]?.seq ?? 0) + 1,
        at: new Date(world.now()).toISOString(),
        type: 'code.issued',
        actor: world.me?.name ?? '',
        subject: request.id,
        body,
      })
      publish('requests')
      return {
        requestId: request.id,
        text: responseText,
        digits: '18304 77291 60425',
        words: ['marble', 'ocean', 'lantern', 'quiet', 'harbor'],
        minutes: body.minutes,
        endProcesses: body.endProcesses,
        hideAfterSeconds: 120,
      }
    },
  ],
]
