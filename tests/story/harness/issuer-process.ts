import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refused } from '@stint/elevation'
import type { IssuerCall } from '@stint/wire/issuer'
import {
  createIssuer,
  type Issuer,
  type IssuerStore,
  makeKekFile,
  openFileKeyProvider,
  openIssuerStore,
} from '../../../apps/issuer/src/index.ts'
import type { IssuerLink } from '../../../apps/server/src/index.ts'
import { drawn } from './random.ts'
import type { WorldTime } from './time.ts'

/** The holder of keys, as a process that can die. What it wrote down stays. */
export class IssuerProcess {
  readonly store: IssuerStore = openIssuerStore(':memory:')
  readonly #folder = mkdtempSync(join(tmpdir(), 'stint-story-'))
  readonly #time: WorldTime
  #issuer: Issuer | null = null
  #runs = 0
  #calls = 0
  /** Whether it dies after this call. */
  #dies: (call: IssuerCall['call']) => boolean = () => false

  constructor(time: WorldTime) {
    this.#time = time
    makeKekFile(join(this.#folder, 'kek'))
    this.starts()
  }

  starts(): void {
    const keyProvider = openFileKeyProvider(join(this.#folder, 'kek'))
    const clock = { now: this.#time.now }
    const random = drawn(`issuer ${++this.#runs}`)
    this.#issuer = createIssuer({ store: this.store, keyProvider, clock, random })
  }

  stops(): void {
    this.#issuer = null
  }

  /** Starts unless it runs. */
  comesBack(): void {
    if (this.#issuer === null) this.starts()
  }

  /** The next such call is worked on and recorded, and then the process dies before it answers. */
  diesAfter(name: IssuerCall['call']): void {
    this.#dies = (call) => call === name
  }

  /** The same for the call that is the `number`th from now on. */
  diesAfterCall(number: number): void {
    let left = number
    this.#dies = () => --left === 0
  }

  get runs(): boolean {
    return this.#issuer !== null
  }

  readonly link: IssuerLink = {
    call: async (request) => {
      if (this.#issuer === null) return refused('issuer-unreachable')
      const call = { ...request, id: ++this.#calls } as Extract<IssuerCall, { call: typeof request.call }>
      const answer = await this.#time.during(this.#issuer.call(call))
      if (!this.#dies(request.call)) return answer
      this.#dies = () => false
      this.stops()
      return refused('issuer-unreachable')
    },
  }

  /** Answers in its record, oldest first: which approval, in which form. */
  answers(): { readonly approvalId: string; readonly call: string; readonly counted: number }[] {
    return this.store.all(
      `select approval_id as "approvalId", call, counted from record where call like 'answer.%' order by seq`,
    )
  }

  close(): void {
    this.store.close()
    rmSync(this.#folder, { recursive: true })
  }
}
