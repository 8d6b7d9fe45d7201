import { type CallerCheck, done, type Outcome, type RefusalCode } from '@stint/elevation'
import type { Actor } from './actor.ts'
import type { Database } from './db/database.ts'
import type { Approvals, SpokenCode, Terms } from './slices/approvals/approvals.ts'
import type { Devices } from './slices/devices/devices.ts'
import type { Evidence, Receipt } from './slices/evidence/evidence.ts'
import type { Policies } from './slices/policies/policies.ts'
import type { RequestFact, Requests } from './slices/requests/requests.ts'

/** The steps, each made by its slice. */
export interface Steps {
  readonly db: Pick<Database, 'write'>
  readonly devices: Pick<Devices, 'report'>
  readonly policies: Pick<Policies, 'publish'>
  readonly requests: Pick<Requests, 'receive' | 'resolve'>
  readonly approvals: Pick<Approvals, 'approve' | 'approveCaller' | 'deny' | 'send' | 'speak' | 'unfinished'>
  readonly evidence: Pick<Evidence, 'upload'>
}

export type Flow = ReturnType<typeof createFlow>

/** Refusals of the issuer that end by themselves, and when: `finish` asks again until then. */
const sentBySelfWhen: Partial<Record<RefusalCode, string>> = {
  'issuer-unreachable': 'the issuer runs again',
  quota: 'its limit allows one more',
}

/**
 * The server's part of the story, top to bottom: see → decide → issue → carry back → evidence. Each step commits before
 * the next begins, so whatever stops the server in between, what was decided is known and can be finished.
 */
export function createFlow({ db, devices, policies, requests, approvals, evidence }: Steps) {
  return {
    /** See, over the network: a computer says that somebody asks. */
    receive: (deviceId: string, fact: RequestFact) => db.write((tx) => requests.receive(tx, deviceId, fact)),

    /** See, by telephone: an approver types the code that a caller reads out. */
    see: (approver: Actor, typed: string, userName: string | null) =>
      requests.resolve(approver, typed, userName),

    /** Decide → issue → carry back, over the network. */
    async approve(approver: Actor, requestId: string, terms: Terms): Promise<Outcome<null>> {
      const approval = await approvals.approve(approver, requestId, terms)
      if (!approval.ok) return approval
      const sent = await approvals.send(approval.value)
      if (sent.ok) return sent
      const until = sentBySelfWhen[sent.refused.code]
      if (until === undefined) return sent
      const hint = `The decision is kept. The answer is sent by itself as soon as ${until}.`
      return { ok: false, refused: { ...sent.refused, hint } }
    },

    /** Decide → issue; the approver carries it back by reading it out. */
    async speak(
      approver: Actor,
      requestId: string,
      terms: Terms,
      callerCheck: CallerCheck,
    ): Promise<Outcome<SpokenCode>> {
      const approval = await approvals.approveCaller(approver, requestId, terms, callerCheck)
      return approval.ok ? approvals.speak(approver, approval.value) : approval
    },

    /** Decide: no. The note travels to the person. */
    deny: (approver: Actor, requestId: string, note: string) => approvals.deny(approver, requestId, note),

    /** Finishes what was decided when the server or the issuer stopped: the same approval gives the same answer. */
    async finish(): Promise<void> {
      for (const approval of await approvals.unfinished()) {
        const sent = await approvals.send(approval)
        if (!sent.ok && sent.refused.code === 'issuer-unreachable') return
      }
    },

    /** A computer says what it is; when its users changed, its policy does. */
    async report(deviceId: string, said: Parameters<Devices['report']>[1]): Promise<Outcome<null>> {
      const reported = await devices.report(deviceId, said)
      if (!reported.ok) return reported
      const published = await policies.publish(deviceId)
      return published.ok || published.refused.code === 'issuer-unreachable' ? done(null) : published
    },

    /** Evidence: what the computer did, from its journal. Nothing else tells the server of a session. */
    upload: (deviceId: string, upload: Parameters<Evidence['upload']>[1]): Promise<Outcome<Receipt>> =>
      evidence.upload(deviceId, upload),
  }
}
