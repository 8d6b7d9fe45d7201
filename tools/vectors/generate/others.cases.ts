import { toHex } from './bytes.ts'
import { emergencyText, emergencyVerifier } from './emergency.ts'
import type { EmergencyList, Settings } from './endpoint-state.ts'
import { alice, halfHour, laptop, seeded, type VectorCase, type VectorFile } from './fixtures.ts'
import { failPatiently, failUntil, settings, settingsJson } from './limiter.cases.ts'
import { canonical, claims, head, jws, keys, keysJson } from './token.cases.ts'
import { Trace } from './trace.ts'

const secret = 0x1_2345_6789_abcd_ef01n
const salt = seeded('state salt', 16)
const verifier = (index: number): Uint8Array =>
  emergencyVerifier(laptop.deviceId, alice.userId, 4, index, secret, salt)
const lists: EmergencyList[] = [{ list: 4, user: 'alice', salt, verifiers: [verifier(1), verifier(2)] }]
const full: Settings = { ...settings, lists, keys }

const first = emergencyText(4, 1, secret)
const second = emergencyText(4, 2, secret)
const wrong = emergencyText(4, 2, secret ^ 1n)

const trace = (changes: Partial<Settings> = {}): Trace => new Trace({ ...full, ...changes })

const answer = (request: { readonly req: string; readonly ctr: number }): string =>
  jws(head, canonical({ ...claims, ...request }))

const emergencies = (): VectorCase[] => [
  trace()
    .printed('alice', second)
    .printed('alice', second)
    .printed('alice', first)
    .done('emergency-once', 'a code is good once, and burns the earlier ones of its list'),
  trace()
    .printed('alice', first)
    .printed('alice', emergencyText(4, 3, secret))
    .printed('alice', emergencyText(5, 1, secret))
    .printed('bob', second)
    .done('emergency-unknown', 'expired: no such code, no such list, another user’s list'),
  trace()
    .printed('alice', first.slice(1))
    .printed('alice', first.replace('4', '5'))
    .printed('alice', emergencyText(4, 0, secret))
    .printed('alice', first)
    .done('emergency-typing', 'format, typo and the reserved number 0 cost no try'),
  failUntil(trace().create('alice'), 'alice', 0, 4)
    .printed('alice', wrong)
    .printed('alice', second)
    .answer('alice', halfHour)
    .pass(30)
    .printed('alice', second)
    .answer('alice', halfHour)
    .done(
      'emergency-counts',
      'a wrong code is a failure of the user, not a try at the open request; a right one clears the user',
    ),
  trace()
    .printed('alice', second, 'after-count')
    .printed('alice', second)
    .done('emergency-crash', 'a code that was counted and not compared may be typed again'),
  trace().rollback().printed('alice', first).done('emergency-quarantine', 'refused in quarantine'),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .printed('alice', first)
    .done('emergency-wait', 'owed time holds a right code as well'),
  failPatiently('alice', 50, trace()).printed('alice', first).done('emergency-locked', 'and so does a lock'),
]

const tokens = (): VectorCase[] => [
  trace()
    .create('alice')
    .token('alice', answer)
    .token('alice', answer)
    .answer('alice', halfHour)
    .done('token-once', 'a token consumes the request for every answer'),
  trace()
    .create('alice')
    .answer('alice', halfHour)
    .token('alice', answer)
    .create('alice')
    .token('alice', answer)
    .done('token-after-code', 'the request was answered by a code; the next one takes its own token'),
  trace()
    .create('alice')
    .cancel('alice')
    .token('alice', answer)
    .done('token-void', 'expired: the request was withdrawn'),
  trace()
    .create('alice')
    .pass(43_200)
    .token('alice', answer)
    .done('token-late', 'expired: the request is too old'),
  trace()
    .create('alice')
    .rollback()
    .token('alice', answer)
    .done('token-quarantine-void', 'quarantine voids what was open, and the request says so first'),
  trace()
    .create('alice')
    .answer('alice', halfHour)
    .rollback()
    .token('alice', answer)
    .done('token-quarantine-consumed', 'a consumed request says so, also in quarantine'),
  failUntil(trace().create('alice'), 'alice', 0, 5)
    .create('alice')
    .token('alice', answer)
    .create('alice')
    .answer('alice', halfHour)
    .done('token-while-waiting', 'owed time does not hold a token, and a token ends it'),
  failPatiently('alice', 50, trace())
    .create('alice')
    .token('alice', answer)
    .create('alice')
    .answer('alice', halfHour)
    .done('token-while-locked', 'a lock of the user does not hold a token, and a token ends it'),
  trace({ dual: true })
    .create('alice')
    .token('alice', answer)
    .answer('alice', halfHour)
    .token('alice', answer)
    .done('token-dual', 'bad where two codes are needed, also for the other half', { dual: true }),
  trace({ dual: true })
    .create('alice')
    .cancel('alice')
    .token('alice', answer)
    .done('token-dual-void', 'the state of the request is told first', { dual: true }),
]

export function otherAnswersFile(): VectorFile {
  return {
    name: 'other-answers.json',
    note: 'traces as in limiter.json with emergency codes and answer tokens. See spec/emergency-list.md, spec/answer-token.md',
    given: {
      ...settingsJson,
      lists: lists.map((list) => ({
        ...list,
        salt: toHex(list.salt),
        verifiers: list.verifiers.map(toHex),
      })),
      keys: keysJson,
    },
    vectors: [...emergencies(), ...tokens()],
  }
}
