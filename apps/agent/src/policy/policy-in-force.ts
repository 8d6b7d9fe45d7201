import { type DevicePolicy, Fault, type Outcome, refused } from '@stint/elevation'
import { type AgentState, hasJournal, isEnrolled } from '../config/state.ts'
import type { Keeper } from '../journal/keeper.ts'
import { verifyPolicy } from './signed-policy.ts'
import { readTrust } from './trust.ts'

/** The signed policy of this computer, and the only way to another one. */
export class PolicyInForce {
  readonly #keeper: Keeper
  #read: { readonly jws: string; readonly policy: DevicePolicy } | null = null

  constructor(keeper: Keeper) {
    this.#keeper = keeper
  }

  /**
   * Verified again at every start: the state file is not believed for what a signature can say.
   * Null while this computer is not enrolled.
   * @throws Fault `policy-unreadable`
   */
  get current(): DevicePolicy | null {
    const { policy: jws } = this.#keeper.state
    if (jws === null) return null
    if (this.#read?.jws !== jws) this.#read = { jws, policy: kept(this.#keeper.state, jws) }
    return this.#read.policy
  }

  /**
   * Refuses what `verifyPolicy` refuses, and with `conflict` a serial that is not above the one in force.
   * @throws Fault of the disk
   */
  async apply(jws: string): Promise<Outcome<DevicePolicy>> {
    return this.#keeper.locked(async (write) => {
      const { identity } = this.#keeper.state
      if (!isEnrolled(identity)) return refused('not-enrolled')
      const verified = verifyPolicy(jws, readTrust(identity.trust), identity)
      if (!verified.ok) return verified
      const { serial } = verified.value
      if (serial <= (this.current?.serial ?? 0))
        return refused('conflict', { hint: 'The policy in force is newer.' })
      await write({ policy: jws }, [{ type: 'policy.applied', body: { serial } }])
      return verified
    })
  }
}

function kept(state: AgentState, jws: string): DevicePolicy {
  const { identity } = state
  if (hasJournal(identity)) {
    const verified = verifyPolicy(jws, readTrust(identity.trust), identity)
    if (verified.ok) return verified.value
  }
  throw new Fault('policy-unreadable', 'The kept policy is not a signed one', 'Enrol this computer again.')
}
