import type { Crash, Outcome, Settings } from './endpoint-state.ts'
import type { VectorCase } from './fixtures.ts'
import type { Device } from './keys.ts'
import { Endpoint } from './limiter.ts'
import { encodeRequest, type Request, requestText } from './request.ts'
import { answerPayload, type Params, recoveryText, render } from './response.ts'
import { group, normalise } from './symbols.ts'

interface Step {
  readonly do: string
  readonly user?: string
  readonly kind?: number
  readonly nonce?: number
  readonly text?: string
  readonly crash?: Crash
}

/** Writes a trace: runs each step on the model and notes what came out. */
export class Trace {
  readonly #endpoint: Endpoint
  readonly #settings: Settings
  readonly #steps: object[] = []
  readonly #outs: Outcome[] = []
  readonly #open: Record<string, Request> = {}
  readonly #help: Record<string, Request> = {}
  #up = 0
  #wrong = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#endpoint = new Endpoint(settings)
  }

  /** Lets `seconds` of powered-on time pass before the next step. */
  pass(seconds: number): this {
    this.#up += seconds
    this.#endpoint.advance(this.#up)
    return this
  }

  create(user: string, kind = 0, nonce = 1000 + this.#steps.length): this {
    const out = this.#endpoint.create(user, kind, nonce)
    const counter = out.counter
    const who = this.#settings.users[user]
    // A request that is handed out again keeps its own nonce.
    const requests = kind < 2 ? this.#open : this.#help
    const isNew = requests[user]?.counter !== BigInt(Number(counter ?? 0))
    if (who !== undefined && typeof counter === 'number' && isNew) {
      requests[user] = { ...who, kind, nonce, pol: this.#settings.pol, counter: BigInt(counter) }
    }
    return this.#note({ do: 'create', user, kind, nonce }, out)
  }

  /** A right answer with `params`, or any text that `change` makes of it. */
  answer(
    user: string,
    params: Params,
    crash: Crash | null = null,
    change = (text: string): string => text,
  ): this {
    const text = change(this.#render(user, params, 0n))
    return this.#submit(user, text, crash)
  }

  /** A well-formed answer with a wrong tag; another one each time. */
  wrong(user: string, params: Params, crash: Crash | null = null): this {
    this.#wrong += 1
    return this.#submit(user, this.#render(user, params, BigInt(this.#wrong)), crash)
  }

  wrongTimes(count: number, user: string, params: Params): this {
    for (let i = 0; i < count; i += 1) this.wrong(user, params)
    return this
  }

  type(user: string, text: string): this {
    return this.#submit(user, text, null)
  }

  recover(user: string, change = (text: string): string => text): this {
    const request = this.#requestOf(user, this.#help)
    const right = recoveryText(this.#device, request, encodeRequest(this.#device, request))
    const text = group(normalise(change(right)) ?? '', 4)
    return this.#note({ do: 'submit-recovery', user, text }, this.#endpoint.submitRecovery(user, text))
  }

  /** A code of an emergency list, as it is printed. */
  printed(user: string, text: string, crash: Crash | null = null): this {
    const out = this.#endpoint.submitEmergency(user, text, crash)
    this.#note({ do: 'submit-emergency', user, text, ...(crash === null ? {} : { crash }) }, out)
    return out.result === 'power-cut' ? this.#reset() : this
  }

  /** A signed answer that `make` makes of the user's latest request. */
  token(user: string, make: (request: { readonly req: string; readonly ctr: number }) => string): this {
    const request = this.#requestOf(user, this.#open)
    const req = requestText(encodeRequest(this.#device, request))
    const text = make({ req, ctr: Number(request.counter) })
    return this.#note({ do: 'submit-token', user, text }, this.#endpoint.submitToken(user, text))
  }

  cancel(user: string): this {
    this.#endpoint.cancel(user)
    return this.#note({ do: 'cancel', user }, { result: 'ok' })
  }

  save(): this {
    this.#endpoint.save()
    return this.#note({ do: 'save' }, { result: 'ok' })
  }

  restart(): this {
    this.#endpoint.restart(true)
    return this.#note({ do: 'restart' }, { result: 'ok' }).#reset()
  }

  powerCut(): this {
    this.#endpoint.restart(false)
    return this.#note({ do: 'power-cut' }, { result: 'ok' }).#reset()
  }

  rollback(): this {
    this.#endpoint.suspectRollback()
    return this.#note({ do: 'suspect-rollback' }, { result: 'ok' })
  }

  unlockUser(user: string): this {
    this.#endpoint.unlockUser(user)
    return this.#note({ do: 'unlock-user', user }, { result: 'ok' })
  }

  unlockDevice(): this {
    this.#endpoint.unlockDevice()
    return this.#note({ do: 'unlock-device' }, { result: 'ok' })
  }

  /** The outcome of the last step. */
  last(): Outcome {
    const out = this.#outs.at(-1)
    if (out === undefined) throw new RangeError('an empty trace')
    return out
  }

  /** The finished case. `settings` are only those that differ from the file's. */
  done(id: string, why: string, settings: object = {}): VectorCase {
    return { id, why, in: { ...settings, steps: this.#steps }, out: { steps: this.#outs } }
  }

  get #device(): Device {
    return this.#settings.device
  }

  #requestOf(user: string, requests: Record<string, Request>): Request {
    const request = requests[user]
    if (request === undefined) throw new RangeError(`${user} has no request`)
    return request
  }

  #render(user: string, params: Params, error: bigint): string {
    const request = this.#requestOf(user, this.#open)
    const code = encodeRequest(this.#device, request)
    return render(answerPayload(this.#device, request, code, params) ^ error, code).text
  }

  #submit(user: string, text: string, crash: Crash | null): this {
    const out = this.#endpoint.submit(user, text, crash)
    this.#note({ do: 'submit', user, text, ...(crash === null ? {} : { crash }) }, out)
    return out.result === 'power-cut' ? this.#reset() : this
  }

  #note(step: Step, out: Outcome): this {
    this.#steps.push({ up: this.#up, ...step })
    this.#outs.push(out)
    return this
  }

  #reset(): this {
    this.#up = 0
    return this
  }
}
