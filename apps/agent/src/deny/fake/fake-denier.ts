import { decideProgram, type ProgramPolicy, programPolicyMistake } from '@stint/elevation'
import {
  type DeniedStart,
  type Denier,
  type DenyAvailability,
  DenyError,
  type Denying,
  type DenyListener,
  type DenyOrder,
} from '../deny.ts'

/** One knob for every way in which denying can fail. All are off at the start. */
export interface FakeDenierKnobs {
  /** What `available` answers; when not available, `arm` throws it. */
  availability: DenyAvailability
  /** `arm` and `update` throw although denying was said to be available. */
  failArm: boolean
  failStop: boolean
}

interface Armed {
  order: DenyOrder
  readonly listener: DenyListener
}

/** A denier that decides for the programs that the test starts. */
export class FakeDenier implements Denier {
  readonly knobs: FakeDenierKnobs = { availability: { available: true }, failArm: false, failStop: false }
  readonly #armed = new Set<Armed>()

  async available(): Promise<DenyAvailability> {
    return this.knobs.availability
  }

  async arm(order: DenyOrder, listener: DenyListener): Promise<Denying> {
    const { availability } = this.knobs
    if (!availability.available)
      throw new DenyError(availability.obstacle, availability.message, availability.hint)
    this.#check(order.policy)
    const armed = { order, listener }
    this.#armed.add(armed)
    return {
      get text() {
        const { length } = armed.order.policy.rules
        return `fake (${length} ${length === 1 ? 'rule' : 'rules'})`
      },
      update: async (policy) => {
        this.#check(policy)
        armed.order = { ...armed.order, policy }
      },
      stop: async () => {
        this.#armed.delete(armed)
        if (this.knobs.failStop)
          throw new DenyError('refused', 'The fake denier does not stop.', 'Turn the knob back.')
      },
    }
  }

  isDenying(uid: number): boolean {
    return [...this.#armed].some(({ order }) => order.uid === uid)
  }

  /** The person starts a program with raised rights; answers whether it runs. */
  starts(uid: number, program: string, changes: Partial<DeniedStart> = {}): boolean {
    const facts = { path: program, otherPaths: [], sha256: null, owner: 'root', package: '' }
    for (const { order, listener } of this.#armed) {
      const decision = decideProgram(order.policy, facts)
      if (order.uid !== uid || decision.allowed) continue
      const { rule, note } = decision
      listener.onDenied({
        ...{ kind: 'denied', how: 'start', uid, pid: 4_711, parentPid: 4_710, effectiveUid: 0, program },
        ...{ sha256: null, argv: [program], argvCut: false, rule, note, atMs: 0, ...changes },
      })
      return false
    }
    return true
  }

  /** Nothing is denied any more, for everybody at once. */
  breaks(why: string): void {
    const lost = [...this.#armed]
    this.#armed.clear()
    for (const { listener } of lost) listener.onLost(why)
  }

  #check(policy: ProgramPolicy): void {
    const mistake = programPolicyMistake(policy)
    if (mistake !== null) throw new DenyError('mistaken-rules', mistake, 'Correct the rules.')
    if (this.knobs.failArm)
      throw new DenyError('refused', 'The fake denier does not arm.', 'Turn the knob back.')
  }
}
