import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import {
  agreeAsDevice,
  agreeAsServer,
  type CodeKeys,
  checkSeed,
  confirmation,
  createEmergencyCode,
  createRecoveryCode,
  createRequestCode,
  createResponseCode,
  type DeviceEpoch,
  decodeResponse,
  deriveCodeKeys,
  diffieHellman,
  type Enrolment,
  emergencyText,
  emergencyVerifier,
  enrolHelloMac,
  enrolmentTranscript,
  type Heal,
  healAsDevice,
  healAsServer,
  isRecoveryFor,
  parseEmergencyCode,
  parseRecoveryCode,
  parseRequestCode,
  pepperInput,
  REQUEST_KINDS,
  type RequestCode,
  type RequestContext,
  type ResponseParams,
  recoveryText,
  requestDigits,
  requestText,
  responseDigits,
  responsePositions,
  responseText,
  responseWords,
  verifyResponse,
  WORD_LISTS,
} from '@stint/code'
import {
  booleanOf,
  bytesOf,
  CaseError,
  hexOf,
  hexOfBits,
  integerOf,
  type Members,
  membersOf,
  textOf,
} from './case.ts'

/** What the product computes for a case of sections 4 and 5; every member of `out` is compared with it. */

export function deviceOf(given: Members): DeviceEpoch {
  return {
    tenant: bytesOf(given, 'tenant'),
    deviceId: bytesOf(given, 'deviceId'),
    epoch: integerOf(given, 'epoch'),
  }
}

export function keysOf(given: Members): CodeKeys {
  return deriveCodeKeys(deviceOf(given), bytesOf(given, 'crk'), bytesOf(given, 'pepper'))
}

function keyTexts(keys: CodeKeys): Members {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]: [string, Uint8Array]) => [name, hexOf(key)]),
  )
}

export function subKeys(given: Members): Members {
  return keyTexts(keysOf(given))
}

export function enrolment(given: Members): Members {
  const agreement: Enrolment = {
    tenant: bytesOf(given, 'tenant'),
    tokenId: bytesOf(given, 'tokenId'),
    dik: bytesOf(given, 'dik'),
    dxk: bytesOf(given, 'dxk'),
    eD: bytesOf(given, 'eD'),
    nD: bytesOf(given, 'nD'),
    eS: bytesOf(given, 'eS'),
    nS: bytesOf(given, 'nS'),
    deviceId: bytesOf(given, 'deviceId'),
    devNo: integerOf(given, 'devNo'),
    trustHash: bytesOf(given, 'trust'),
  }
  const psk = bytesOf(given, 'psk')
  const eDPrivate = bytesOf(given, 'eD_priv')
  const dxkPrivate = bytesOf(given, 'dxk_priv')
  const device = agreeAsDevice(agreement, { eDPrivate, dxkPrivate, psk })
  const server = agreeAsServer(agreement, { eSPrivate: bytesOf(given, 'eS_priv'), psk })
  if (hexOf(device.crk) !== hexOf(server.crk)) throw new CaseError('device and server disagree')
  const hello =
    'facts' in given
      ? { helloMac: hexOf(enrolHelloMac({ ...agreement, facts: bytesOf(given, 'facts') }, psk)) }
      : {}
  return {
    ...hello,
    transcript: hexOf(enrolmentTranscript(agreement)),
    z1: hexOf(diffieHellman(eDPrivate, agreement.eS)),
    z2: hexOf(diffieHellman(dxkPrivate, agreement.eS)),
    crk: hexOf(device.crk),
    confirmD: hexOf(confirmation(device, 'device')),
    confirmS: hexOf(confirmation(server, 'server')),
  }
}

export function heal(given: Members): Members {
  const device = deviceOf(given)
  const renewal: Heal = {
    device,
    dik: bytesOf(given, 'dik'),
    dxk: bytesOf(given, 'dxk'),
    eD: bytesOf(given, 'eD'),
    nD: bytesOf(given, 'nD'),
    eS: bytesOf(given, 'eS'),
    nS: bytesOf(given, 'nS'),
  }
  const crk = bytesOf(given, 'crk')
  const eDPrivate = bytesOf(given, 'eD_priv')
  const dxkPrivate = bytesOf(given, 'dxk_priv')
  const agreed = healAsDevice(renewal, { eDPrivate, dxkPrivate, crk })
  const server = healAsServer(renewal, { eSPrivate: bytesOf(given, 'eS_priv'), crk })
  if (hexOf(agreed.crk) !== hexOf(server.crk)) throw new CaseError('device and server disagree')
  const next = { ...device, epoch: device.epoch + 1 }
  return {
    nextEpoch: next.epoch,
    transcript: hexOf(agreed.transcript),
    z1: hexOf(diffieHellman(eDPrivate, renewal.eS)),
    z2: hexOf(diffieHellman(dxkPrivate, renewal.eS)),
    crk: hexOf(agreed.crk),
    confirmD: hexOf(confirmation(agreed, 'device')),
    confirmS: hexOf(confirmation(server, 'server')),
    ...keyTexts(deriveCodeKeys(next, agreed.crk, bytesOf(given, 'pepper'))),
  }
}

export function kindOf(given: Members): RequestCode['kind'] {
  const kind = REQUEST_KINDS[integerOf(given, 'kind')]
  if (kind === undefined) throw new CaseError('kind must be 0, 1, 2 or 3')
  return kind
}

function makeRequest(given: Members): RequestCode {
  return createRequestCode(deviceOf(given), keysOf(given), {
    kind: kindOf(given),
    devNo: integerOf(given, 'devNo'),
    userSlot: integerOf(given, 'userSlot'),
    userId: textOf(given, 'userId'),
    counter: integerOf(given, 'counter'),
    nonce: integerOf(given, 'nonce'),
    pol: integerOf(given, 'pol'),
    ...('appDigest' in given ? { appDigest: bytesOf(given, 'appDigest') } : {}),
  })
}

export function request(given: Members): Members {
  const code = makeRequest(given)
  requireReadsBack(code)
  const { kind, devNo, epochLow, userSlot, counterLow, nonce, tag, app } = code
  const fields = {
    kind: REQUEST_KINDS.indexOf(kind),
    dev: devNo,
    epochLow,
    userSlot,
    ctrLow: counterLow,
    nonce,
    tag,
  }
  return {
    bits: hexOfBits(code.value, code.width),
    nbits: code.width,
    text: requestText(code),
    digits: requestDigits(code),
    chkSeed: checkSeed(code),
    fields: app === undefined ? fields : { ...fields, app },
  }
}

function requireReadsBack(code: RequestCode): void {
  for (const form of [requestText(code), requestDigits(code)]) {
    if (parseRequestCode(form).value !== code.value) throw new CaseError(`${form} does not read back`)
  }
}

export function contextOf(given: Members): RequestContext {
  return {
    device: deviceOf(given),
    request: parseRequestCode(textOf(given, 'request')),
    counter: integerOf(given, 'counter'),
    pol: integerOf(given, 'pol'),
    userId: textOf(given, 'userId'),
  }
}

function paramsOf(given: Members): ResponseParams {
  const params = membersOf(given, 'params')
  const slot = integerOf(params, 'slot')
  if (slot !== 0 && slot !== 1) throw new CaseError('slot must be 0 or 1')
  return {
    dur: integerOf(params, 'dur'),
    end: booleanOf(params, 'end'),
    profile: integerOf(params, 'profile'),
    slot,
  }
}

export function response(given: Members): Members {
  const context = contextOf(given)
  const keys = keysOf(given)
  const code = createResponseCode(context, keys, paramsOf(given))
  for (const form of [responseText(code, context.request), responseDigits(code, context.request)]) {
    requireOk(verifyResponse(context, keys, form).verdict, form)
  }
  for (const list of WORD_LISTS) {
    const words = responseWords(code, context.request, list).join(' ')
    requireOk(verifyResponse(context, keys, words, list).verdict, words)
  }
  return renderings({ ...given, payload: hexOfBits(code.payload, 45) })
}

function requireOk(verdict: string, form: string): void {
  if (verdict !== 'ok') throw new CaseError(`${form} reads as ${verdict}`)
}

export function renderings(given: Members): Members {
  const to = parseRequestCode(textOf(given, 'request'))
  const code = decodeResponse(BigInt(`0x${textOf(given, 'payload')}`))
  const wordText = WORD_LISTS.map((list): [string, string] => [list, responseWords(code, to, list).join(' ')])
  return {
    payload: hexOfBits(code.payload, 45),
    text: responseText(code, to),
    digits: responseDigits(code, to),
    words: responsePositions(code, to),
    wordText: Object.fromEntries(wordText),
  }
}

/** The general form: from keys to spoken answer in one case. */
export function wholeExchange(given: Members): Members {
  const code = makeRequest(given)
  requireReadsBack(code)
  const answer = response({ ...given, request: requestText(code) })
  return { request: requestText(code), response: answer.text, digits: answer.digits }
}

export function verify(given: Members): Members {
  return { result: verifyResponse(contextOf(given), keysOf(given), textOf(given, 'text')).verdict }
}

export function recovery(given: Members): Members {
  const made = 'nonce' in given ? requestText(makeRequest(given)) : textOf(given, 'request')
  const context = contextOf({ ...given, request: made })
  const keys = keysOf(given)
  const text = recoveryText(createRecoveryCode(context, keys), context.request)
  const back = parseRecoveryCode(text, context.request)
  if (!isRecoveryFor(context, keys, back)) throw new CaseError(`${text} is refused`)
  return { request: made, text }
}

export function pepper(given: Members): Members {
  return { pepper: hexOf(hmac(sha256, bytesOf(given, 'hsmKey'), pepperInput(deviceOf(given)))) }
}

export function emergency(given: Members): Members {
  const secret = BigInt(`0x${textOf(given, 'secret')}`)
  const random = bytesOf({ random: secret.toString(16).padStart(18, '0') }, 'random')
  const code = createEmergencyCode(integerOf(given, 'lid'), integerOf(given, 'idx'), random)
  const text = emergencyText(code)
  if (emergencyText(parseEmergencyCode(text)) !== text) throw new CaseError(`${text} does not read back`)
  const of = {
    deviceId: bytesOf(given, 'deviceId'),
    userId: textOf(given, 'userId'),
    salt: bytesOf(given, 'salt'),
  }
  return { text, verifier: hexOf(emergencyVerifier(code, of)) }
}
