import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ALPHABET,
  applicationDigest,
  correctRequest,
  createRequestCode,
  type KnownDevice,
  parseRequestCode,
  type RequestFacts,
  requestSticker,
  requestText,
  resolveRequest,
} from '../src/index.ts'
import { alice, device, devNo, keys, request } from './fixture.ts'

const known: KnownDevice = {
  ...device,
  devNo,
  epochs: [{ epoch: 5, keys }],
  users: { 1: alice, 2: 'EXAMPLE\\bob' },
  policies: [117, 118],
  lastCounter: 36,
}
const facts: RequestFacts = {
  kind: 'session',
  devNo,
  userSlot: 1,
  userId: alice,
  counter: 37,
  nonce: 5,
  pol: 118,
}
const made = (changes: Partial<RequestFacts>) => createRequestCode(device, keys, { ...facts, ...changes })

function matched(...args: Parameters<typeof resolveRequest>) {
  const resolution = resolveRequest(...args)
  assert.ok(resolution.result === 'match', resolution.result)
  return resolution.match
}

test('a request code names user, counter and policy without the server having heard of it', () => {
  const { userId, counter, pol, warnings } = matched(request, [known])
  assert.deepEqual({ userId, counter, pol, warnings }, { userId: alice, counter: 37, pol: 118, warnings: [] })
})

test('WEB-14: a counter that went back is warned of, a look-up of the same request is not', () => {
  assert.deepEqual(matched(made({ counter: 30 }), [known]).warnings, ['counter-went-back'])
  const again = { ...known, lastCounter: 37, lastRequest: requestText(request) }
  assert.deepEqual(matched(request, [again]).warnings, [])
  assert.deepEqual(matched(made({ nonce: 6 }), [again]).warnings, ['counter-went-back', 'counter-reused'])
})

test('an older policy and an unfinished heal are warned of', () => {
  assert.deepEqual(matched(made({ pol: 117 }), [known]).warnings, ['older-policy'])
  const healing = { ...known, epochs: [...known.epochs, { epoch: 6, keys }] }
  assert.deepEqual(matched(request, [healing]).warnings, ['previous-epoch'])
})

test('CODE-8: a user that the server does not know is found by the name the approver types', () => {
  const unknown = made({ userSlot: 14, userId: 'new@example.org' })
  assert.equal(resolveRequest(unknown, [known]).result, 'no-match')
  assert.equal(matched(unknown, [known], { names: ['x', 'new@example.org'] }).userId, 'new@example.org')
})

test('a request that two readings fit is ambiguous, not guessed', () => {
  const twin = { ...known, users: { 1: alice } }
  assert.equal(resolveRequest(request, [known, twin]).result, 'ambiguous')
})

test('CODE-8: another device number, and another key, are told apart from a match', () => {
  assert.equal(resolveRequest(made({ devNo: 7 }), [known]).result, 'unknown-device')
  const other = { ...known, epochs: [{ epoch: 5, keys: { ...keys, req: keys.rec } }] }
  assert.equal(resolveRequest(request, [other]).result, 'no-match')
})

test('a known program is named, an unknown one is not, and a name is never taken from elsewhere', () => {
  const digest = applicationDigest({
    name: 'setup',
    pathClass: 'user',
    product: 'P',
    sha256: '00',
    signer: '',
  })
  const asked = made({ kind: 'application', appDigest: digest })
  const others = [{ id: 'other', digest: new Uint8Array(32) }]
  assert.equal(
    matched(asked, [known], { applications: [...others, { id: 'setup', digest }] }).application,
    'setup',
  )
  const unknown = matched(asked, [known], { applications: others })
  assert.deepEqual([unknown.application, unknown.warnings], [undefined, ['unknown-program']])
  const twice = [
    { id: 'a', digest },
    { id: 'b', digest },
  ]
  const ambiguous = matched(asked, [known], { applications: twice })
  assert.deepEqual([ambiguous.application, ambiguous.warnings], [undefined, ['ambiguous-program']])
})

test('every single wrong symbol and every exchange of neighbours is corrected, to the right code first', () => {
  const text = requestText(request).replaceAll('-', '')
  const devicesOf = (wanted: number) => (wanted === devNo ? [known] : [])
  const wrong: string[] = []
  for (let at = 0; at < text.length; at++) {
    const other = ALPHABET[(ALPHABET.indexOf(text.charAt(at)) + 7) % 32] ?? ''
    wrong.push(text.slice(0, at) + other + text.slice(at + 1))
    if (at > 0) wrong.push(text.slice(0, at - 1) + text.charAt(at) + text.charAt(at - 1) + text.slice(at + 1))
  }
  for (const typed of wrong) {
    const [first] = correctRequest(typed, devicesOf)
    assert.equal(first?.text, requestText(request), typed)
  }
})

test('suggestions that sound alike come first, and there are never more than five', () => {
  const everything = (devNoAsked: number): KnownDevice[] => [{ ...known, devNo: devNoAsked }]
  const suggestions = correctRequest('2NJ6Y8JNWX18W2A', everything)
  assert.equal(suggestions[0]?.change, 'sound')
  assert.ok(suggestions.length <= 5)
})

test('the first group is the same for every request of a device and kind', () => {
  assert.ok(requestText(request).startsWith(requestSticker('session', devNo)))
  assert.equal(parseRequestCode(requestText(made({ counter: 900 }))).devNo, devNo)
})
