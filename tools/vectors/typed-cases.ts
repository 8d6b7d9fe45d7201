import {
  ALPHABET,
  CodeError,
  checkSeed,
  checkSymbol,
  correctRequest,
  dammDigit,
  type KnownDevice,
  normaliseTyped,
  parseEmergencyCode,
  parseRequestCode,
  parseResponseCode,
  type ResolveOptions,
  resolveRequest,
  WORD_LISTS,
} from '@stint/code'
import {
  CaseError,
  hexOfBits,
  integerOf,
  isMembers,
  listOf,
  type Members,
  membersOf,
  textOf,
} from './case.ts'
import { deviceOf, keysOf } from './code-cases.ts'

/** Cases about text that somebody typed, and about the server that reads a request code. */

/** A refusal of the decoder as `{result}`; everything else passes. */
function orRefusal(read: () => Members): Members {
  try {
    return read()
  } catch (error) {
    if (error instanceof CodeError && (error.code === 'format' || error.code === 'typo'))
      return { result: error.code }
    throw error
  }
}

export function normalise(given: Members): Members {
  return orRefusal(() => ({ symbols: normaliseTyped(textOf(given, 'text')) }))
}

export function requestReading(given: Members): Members {
  return orRefusal(() => {
    parseRequestCode(textOf(given, 'text'))
    return { result: 'ok' }
  })
}

export function responseReading(given: Members): Members {
  const list = WORD_LISTS.find((name) => name === given.list)
  if (!list) throw new CaseError('list must be a word list')
  const request = parseRequestCode(textOf(given, 'request'))
  return orRefusal(() => {
    const { payload, params } = parseResponseCode(textOf(given, 'text'), request, list)
    return { payload: hexOfBits(payload, 45), params }
  })
}

export function emergencyReading(given: Members): Members {
  return orRefusal(() => {
    const { list, index, secret } = parseEmergencyCode(textOf(given, 'text'))
    return { lid: list, idx: index, secret: secret.toString(16).padStart(18, '0') }
  })
}

export function gf32(given: Members): Members {
  const symbols = Array.from(textOf(given, 'symbols'), (symbol) => ALPHABET.indexOf(symbol))
  return { check: ALPHABET[checkSymbol(symbols, integerOf(given, 'seed'))] }
}

export function damm(given: Members): Members {
  return { check: String(dammDigit(textOf(given, 'digits'), integerOf(given, 'start'))) }
}

export function seed(given: Members): Members {
  const request = parseRequestCode(textOf(given, 'request'))
  return { seed: checkSeed(request), bits: hexOfBits(request.value, request.width), nbits: request.width }
}

/** The server of a file's `given`: epochs of one device number are one device. */
function serverOf(given: Members): { devices: KnownDevice[]; options: ResolveOptions } {
  const held = listOf(given, 'devices').filter(isMembers)
  const users = Object.fromEntries(
    Object.entries(membersOf(given, 'users')).map(([slot, user]) => [Number(slot), String(user)]),
  )
  const devices = [...new Set(held.map((entry) => integerOf(entry, 'devNo')))].map((devNo): KnownDevice => {
    const own = held.filter((entry) => entry.devNo === devNo)
    const [first] = own
    if (!first) throw new CaseError('devices must not be empty')
    return {
      ...deviceOf(first),
      devNo,
      epochs: own.map((entry) => ({ epoch: integerOf(entry, 'epoch'), keys: keysOf(entry) })),
      users,
      policies: listOf(given, 'pols').map(Number),
      lastCounter: integerOf(given, 'last'),
    }
  })
  return { devices, options: { names: listOf(given, 'typed').map(String) } }
}

export function resolution(given: Members): Members {
  const { devices, options } = serverOf(given)
  const resolved = resolveRequest(parseRequestCode(textOf(given, 'text')), devices, options)
  if (resolved.result !== 'match') return { result: resolved.result }
  const { userId, pol, counter, device, warnings } = resolved.match
  const wentBack = warnings.includes('counter-went-back')
  return { result: 'match', userId, pol, counter, epoch: device.epoch, wentBack }
}

export function correction(given: Members): Members {
  const { devices, options } = serverOf(given)
  const devicesOf = (devNo: number) => devices.filter((device) => device.devNo === devNo)
  const suggestions = correctRequest(textOf(given, 'text'), devicesOf, options)
  return {
    suggestions: suggestions.map(({ text, match }) => ({
      text,
      counter: match.counter,
      userId: match.userId,
    })),
  }
}
