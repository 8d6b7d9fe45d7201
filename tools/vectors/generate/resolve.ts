import type { Device } from './keys.ts'
import { encodeRequest, type Fields, parseRequest, requestText } from './request.ts'
import { alphabet, normalise } from './symbols.ts'

/** What a server knows of one device. */
export interface Known {
  /** One or two devices of equal identity: the epochs whose CRK the server holds. */
  readonly epochs: readonly Device[]
  /** userId by place, 0 to 13. */
  readonly users: Readonly<Record<string, string>>
  /** What the directory gives for the name that the approver typed; place 14. */
  readonly typed: readonly string[]
  readonly pols: readonly number[]
  readonly last: bigint
}

export interface Match {
  readonly counter: bigint
  readonly userId: string
  readonly pol: number
  readonly epoch: number
}

export type Resolution =
  | { readonly result: 'match'; readonly match: Match; readonly wentBack: boolean }
  | { readonly result: 'format' | 'typo' | 'unknown-device' | 'no-match' | 'ambiguous' }

/** spec/request-code.md, Resolving. `ahead` is 1024, or 256 when candidates of the correction are tried. */
export function resolve(typed: string, known: Known, ahead = 1024n): Resolution {
  const parsed = parseRequest(typed)
  if ('result' in parsed) return parsed
  const { fields, code } = parsed
  if (known.epochs.every((device) => device.devNo !== fields.dev)) return { result: 'unknown-device' }
  const matches = candidates(fields, known, ahead).filter(({ device, ...match }) => {
    const request = {
      kind: fields.kind,
      userSlot: fields.userSlot,
      nonce: fields.nonce,
      counter: match.counter,
      pol: match.pol,
      userId: match.userId,
    }
    // The tag covers the application tag as sent; an unknown program must still resolve.
    return encodeRequest(device, request, fields.app).bits === code.bits
  })
  const [first, second] = matches
  if (first === undefined) return { result: 'no-match' }
  if (second !== undefined) return { result: 'ambiguous' }
  const { device, ...match } = first
  return { result: 'match', match: { ...match, epoch: device.epoch }, wentBack: match.counter <= known.last }
}

type Candidate = Omit<Match, 'epoch'> & { readonly device: Device }

function candidates(fields: Fields, known: Known, ahead: bigint): Candidate[] {
  const devices = known.epochs.filter((device) => device.epoch % 4 === fields.epochLow)
  const place = fields.userSlot
  const userIds = place === 15 ? [''] : place === 14 ? known.typed : [known.users[place] ?? []].flat()
  return devices.flatMap((device) =>
    userIds.flatMap((userId) =>
      known.pols.flatMap((pol) =>
        counters(fields.ctrLow, known.last, ahead).map((counter) => ({ device, userId, pol, counter })),
      ),
    ),
  )
}

function counters(low: number, last: bigint, ahead: bigint): bigint[] {
  const found: bigint[] = []
  const first = last > 31n ? last - 31n : 1n
  for (let c = first; c <= last + ahead; c += 1n) if (Number(c % 32n) === low) found.push(c)
  return found
}

const soundClasses = ['AHJK', 'BCDEGPTVZ', 'FSX', 'MN']

interface Suggestion {
  readonly text: string
  readonly rank: number
  readonly match: Match
}

/** spec/request-code.md, Correction: at most five suggestions, in the order they are offered. */
export function suggest(typed: string, known: Known): Suggestion[] {
  const symbols = normalise(typed) ?? ''
  return neighbours(symbols)
    .flatMap(({ text, rank }) => {
      const resolution = resolve(text, known, 256n)
      if (resolution.result !== 'match') return []
      const parsed = parseRequest(text)
      return 'code' in parsed ? [{ text: requestText(parsed.code), rank, match: resolution.match }] : []
    })
    .slice(0, 5)
}

/** Codes one error away, ordered: sound classes, exchanges, other replacements; by place, then by symbol. */
export function neighbours(symbols: string): { text: string; rank: number }[] {
  const found: { text: string; rank: number }[] = []
  for (let i = 0; i < symbols.length; i += 1) {
    const old = symbols.charAt(i)
    for (const symbol of alphabet) {
      if (symbol === old) continue
      const alike = soundClasses.some((letters) => letters.includes(old) && letters.includes(symbol))
      found.push({ text: symbols.slice(0, i) + symbol + symbols.slice(i + 1), rank: alike ? 1 : 3 })
    }
    const next = symbols.charAt(i + 1)
    if (next !== '' && next !== old)
      found.push({ text: symbols.slice(0, i) + next + old + symbols.slice(i + 2), rank: 2 })
  }
  return found.sort((a, b) => a.rank - b.rank)
}
