import { type Contacts, defaultPolicy, type ProgramPolicy } from '@stint/elevation'
import type { Ground } from '../config/ground.ts'
import { printable } from '../config/printable.ts'
import type { SessionRecord } from '../config/state.ts'
import type { DeniedStart, Denier, Denying, DenyListener } from '../deny/deny.ts'
import type { Tell } from '../door/tell.ts'
import { DeniedFacts } from './denied-facts.ts'
import type { RecordedFacts } from './recorded-facts.ts'
import { ArgsWriter } from './written-args.ts'

export type DenyGround = Pick<Ground, 'os' | 'clock' | 'log' | 'policy'> & {
  readonly denier: Denier
  readonly tell: Tell
}

type Parts = DenyGround & { readonly onLost: () => void }

const nothingDenied = 'no rules'
const tellAgainAfterMs = 10_000
/** So many different programs are told of in that time; the record has them all. */
const mostTold = 10

/** What one session's policy denies: kept up as the policy changes, told to the person, written down. */
export class SessionDenying {
  readonly #session: SessionRecord
  readonly #parts: Parts
  readonly #facts: RecordedFacts
  readonly #denied: DeniedFacts
  readonly #toldBootMs = new Map<string, number>()
  #denying: Denying | null = null
  #policy: ProgramPolicy | null = null
  #following: Promise<void> = Promise.resolve()
  #stopped = false
  /** Nothing is denied any more, though it should be. */
  isLost = false

  private constructor(session: SessionRecord, facts: RecordedFacts, parts: Parts) {
    this.#session = session
    this.#parts = parts
    this.#facts = facts
    const { sessionId } = session
    const args = new ArgsWriter(() => (parts.policy.current ?? defaultPolicy).redact)
    this.#denied = new DeniedFacts({ sessionId, clock: parts.clock, args, onFact: (fact) => facts.add(fact) })
  }

  /**
   * Resolves when the rules of the policy in force are kept; where it has none, nothing is started.
   * @throws DenyError
   */
  static async start(session: SessionRecord, facts: RecordedFacts, parts: Parts): Promise<SessionDenying> {
    const denying = new SessionDenying(session, facts, parts)
    await denying.#keepUp()
    return denying
  }

  /** For the journal: what denies, or that nothing has to. */
  get text(): string {
    return printable(this.#denying?.text ?? nothingDenied, 300)
  }

  /** Takes up a policy that came meanwhile. False when what it denies cannot be denied. */
  async follow(): Promise<boolean> {
    if (this.#stopped) return true
    try {
      this.#following = this.#following.catch(() => undefined).then(() => this.#keepUp())
      await this.#following
    } catch (error) {
      this.#parts.log.error('programs that the policy denies cannot be denied', error)
      this.#lose(error instanceof Error ? error.message : 'unknown')
    }
    return !this.isLost
  }

  /** What was seen is with the recorded facts when this resolves. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#following.catch(() => undefined)
    await this.#denying?.stop()
    this.#denied.close()
  }

  async #keepUp(): Promise<void> {
    if (this.#stopped || this.isLost) return
    const { os, policy, denier } = this.#parts
    const { uid, sessionId } = this.#session
    const { programs } = policy.current ?? defaultPolicy
    if (this.#policy === programs) return
    if (!denies(programs)) {
      await this.#denying?.stop()
      this.#denying = null
      await os.onlyWhileRuns(uid, null)
    } else if (this.#denying === null) {
      this.#denying = await denier.arm({ uid, sessionId, policy: programs }, this.#listener)
      // Without the agent nothing is denied, so without it nobody is let in. Not before: after a start of the agent
      // the lock still waits for the one that is gone, and so stays closed until everything is denied again.
      await os.onlyWhileRuns(uid, process.pid)
    } else await this.#denying.update(programs)
    this.#policy = programs
  }

  readonly #listener: DenyListener = {
    onDenied: (fact) => {
      if (fact.kind === 'untold') {
        const detail = `${fact.count} denied starts were too many at once to be written.`
        this.#facts.gap({ fromMs: fact.atMs, toMs: fact.atMs, cause: 'denials-untold', detail })
      } else {
        this.#denied.take(fact)
        this.#tellThePerson(fact)
      }
    },
    onLost: (why) => {
      this.#lose(why)
      this.#parts.onLost()
    },
  }

  #lose(why: string): void {
    if (this.isLost || this.#stopped) return
    this.isLost = true
    const now = this.#parts.clock.now().wallMs
    this.#parts.log.error('programs can no longer be denied, so the session ends', new Error(why))
    this.#facts.gap({ fromMs: now, toMs: now, cause: 'denial-lost', detail: why })
  }

  #tellThePerson({ program, note }: DeniedStart): void {
    const { clock, os, tell, policy, log } = this.#parts
    const { bootMs } = clock.now()
    for (const [other, atMs] of this.#toldBootMs)
      if (bootMs - atMs >= tellAgainAfterMs) this.#toldBootMs.delete(other)
    if (this.#toldBootMs.has(program) || this.#toldBootMs.size >= mostTold) return
    this.#toldBootMs.set(program, bootMs)
    const { uid } = this.#session
    tell.notice(uid, 'program-denied')
    os.notify(uid, deniedText(program, note, (policy.current ?? defaultPolicy).contacts)).catch((error) =>
      log.error('a notice could not be shown', error),
    )
  }
}

/** Rules that only allow, where everything is allowed anyway, keep nothing from starting. */
function denies({ otherwise, rules }: ProgramPolicy): boolean {
  return otherwise === 'deny' || rules.some(({ effect }) => effect === 'deny')
}

/** Why, and whom to ask. */
export function deniedText(program: string, note: string, { email, link, telephone }: Contacts): string {
  const why = note === '' ? 'Your organisation does not allow it.' : note
  const whom = [telephone, email, link].filter((contact) => contact !== '').join(', ')
  const ask = whom === '' ? 'Ask your administrator.' : `Ask: ${whom}`
  return `${program} may not start with administrator rights. ${why} ${ask}`
}
