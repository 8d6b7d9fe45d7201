/** The agent as one object, without sockets: everything it uses is given to it, so tests run all of it in memory. */
import { parse } from '@stint/wire'
import { CourierCall, type CourierState } from '@stint/wire/local-courier'
import { type Reply, UserCall } from '@stint/wire/local-user'
import { requestFact } from './ask/open-request.ts'
import type { Clock } from './clock/clock.ts'
import type { Disk } from './config/disk.ts'
import type { Ground, Log } from './config/ground.ts'
import type { Random } from './config/ids.ts'
import { RunningLimiter } from './config/running-limiter.ts'
import { isEnrolled } from './config/state.ts'
import type { Denier } from './deny/deny.ts'
import { Asker } from './door/asker.ts'
import { type CourierCallGround, courierCall, courierState } from './door/courier-calls.ts'
import { faultReply, replyTo } from './door/reply.ts'
import { SentSignal } from './door/sent-signal.ts'
import { userCall } from './door/user-calls.ts'
import { type Emit, Watchers } from './door/watchers.ts'
import { Device } from './enrol/device.ts'
import { Enrolment } from './enrol/enrolment.ts'
import { Heal, healWanted } from './enrol/heal.ts'
import { proveDevice } from './enrol/prove.ts'
import { Flow } from './flow.ts'
import { Keeper } from './journal/keeper.ts'
import type { Os } from './os/os.ts'
import { PolicyInForce } from './policy/policy-in-force.ts'
import type { Recorder } from './record/record.ts'
import { ClockWatch } from './session/clock-watch.ts'
import { Comparisons } from './session/comparisons.ts'
import { Heartbeat } from './session/heartbeat.ts'
import { reconcile } from './session/reconcile.ts'
import { Sealing } from './session/sealing.ts'
import { Sessions } from './session/sessions.ts'

export interface AgentParts {
  readonly os: Os
  readonly recorder: Recorder
  readonly denier: Denier
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  /** Folder of everything the agent keeps. */
  readonly stateDir: string
  readonly log: Log
  readonly version: string
  /** What an administrator copied. Ignored when this computer is enrolled. */
  readonly enrollToken?: string | undefined
}

export interface Agent {
  /** One call of the person with this uid. `emit` takes events after `watch`, until `forget`. Never rejects. */
  userCall(uid: number, call: unknown, emit: Emit): Promise<Reply>
  forget(emit: Emit): void
  /** One call of the courier. Never rejects. */
  courierCall(call: unknown): Promise<Reply>
  /** Calls back at every change of what there is to do; answers how to stop that. */
  onCourierState(tell: (state: CourierState) => void): () => void
  /** Uids of the people of this computer, now and after every change. */
  onPeople(tell: (uids: readonly number[]) => void): void
  /** Leaves rights that are up: the operating system ends them in time, and the next start adopts them. */
  stop(): Promise<void>
}

/**
 * Repairs what the last run left, then works. When this resolves, calls may come in.
 * @throws Fault `state-unreadable`, `journal-damaged`, `disk-full`, `disk-failed`, `bad-token`; OsError of `prepare`
 */
export async function createAgent(parts: AgentParts): Promise<Agent> {
  const { os, clock, random, disk, stateDir, log } = parts
  const keeper = await Keeper.open({ disk, clock, random, dir: stateDir })
  const limiter = new RunningLimiter(keeper.state.limiter, clock)
  const clockWatch = new ClockWatch(keeper.state.clock)
  keeper.alwaysWith({
    now: () => ({ limiter: limiter.current.state, clock: clockWatch.mark }),
    undo: (kept) => limiter.backTo(kept.limiter),
  })
  const ground: Ground = { os, clock, random, keeper, limiter, policy: new PolicyInForce(keeper), log }
  // A kept policy that is not signed is a fault now, not in the middle of something.
  void ground.policy.current
  const built = build(ground, parts, clockWatch)
  keeper.onChange(() => built.watchers.stateChanged(keeper.state))
  keeper.onGrowth(() => void built.sealing.check())
  await os.prepare()
  // A recorder that cannot tidy up must not keep rights from being lowered.
  await parts.recorder
    .recover()
    .catch((error) => log.error('what recording left behind could not be cleared', error))
  await built.device.refresh()
  await reconcile({ ...ground, sessions: built.sessions, clockWatch })
  await built.device.noteBoot()
  await built.sealing.now()
  if (parts.enrollToken) await built.enrolment.begin(parts.enrollToken, clock.now().wallMs)
  built.heartbeat.start()
  return face(ground, built)
}

type Built = ReturnType<typeof build>

function build(ground: Ground, parts: AgentParts, clockWatch: ClockWatch) {
  const { keeper, clock, policy } = ground
  const couriers = new Set<(state: CourierState) => void>()
  const people = new Set<(uids: readonly number[]) => void>()
  const watchers = new Watchers()
  const device = new Device({ ...ground, ...parts })
  const sent = new SentSignal(clock, () => couriers.size > 0)
  const comparisons = new Comparisons({ ...ground, ...parts })
  const sessions = new Sessions({ ...ground, ...parts, tell: watchers, comparisons })
  const enrolment = new Enrolment(keeper, ground)
  const heal = new Heal(keeper, ground)
  const sealing = new Sealing(ground)
  const flow = new Flow({ ...ground, sessions, sent })
  const tellCouriers = () => {
    for (const tell of couriers) tell(courierState(courierGround))
  }
  const courierGround: CourierCallGround = {
    ...ground,
    ...{ steps: flow, device, enrolment, heal, sent, sealing, requestFact },
    applyPolicy: async (jws) => {
      const applied = await policy.apply(jws)
      if (applied.ok) await sessions.check()
      return applied
    },
    askHeal: () => heal.ask(),
    receiptBelieved: (believed) => device.receiptBelieved(believed),
    healWanted: () => healWanted(keeper.state, clock.now().wallMs),
    changed: () => watchers.changed(),
    prove: (nonce, courierKey) => {
      const { identity } = keeper.state
      if (!isEnrolled(identity)) throw new TypeError('only an enrolled computer can prove itself')
      return proveDevice(identity, nonce, courierKey)
    },
  }
  const also = async () => {
    if (await device.refresh()) for (const tell of people) tell(device.accounts.map(({ uid }) => uid))
    await device.noteBoot()
    await sealing.check()
    tellCouriers()
  }
  const heartbeat = new Heartbeat({ ...ground, sessions, clockWatch, also })
  keeper.onChange(tellCouriers)
  return { watchers, device, sessions, enrolment, flow, heartbeat, sealing, couriers, people, courierGround }
}

function face(ground: Ground, built: Built): Agent {
  const { os, log } = ground
  const { watchers, device, sessions, flow, heartbeat, sealing, couriers, people, courierGround } = built
  const around = {
    get deviceName() {
      return device.name
    },
    get contact() {
      return device.contact
    },
    get online() {
      return device.online
    },
    processes: (sessionId: string) => sessions.processes(sessionId),
  }
  return {
    async userCall(uid, raw, emit) {
      const call = parsed(UserCall, raw)
      if (!call.ok) return call.reply
      return replyTo(
        call.value.id,
        async () => {
          const asker = await Asker.of(os, uid)
          if (!asker.ok) return asker
          return userCall(asker.value, call.value, emit, { ...ground, steps: flow, around, watchers })
        },
        log,
      )
    },
    forget: (emit) => watchers.remove(emit),
    async courierCall(raw) {
      const call = parsed(CourierCall, raw)
      return call.ok ? replyTo(call.value.id, () => courierCall(call.value, courierGround), log) : call.reply
    },
    onCourierState(tell) {
      couriers.add(tell)
      return () => void couriers.delete(tell)
    },
    onPeople(tell) {
      people.add(tell)
      tell(device.accounts.map(({ uid }) => uid))
    },
    async stop() {
      heartbeat.stop()
      await sessions.stop()
      await sealing.now()
    },
  }
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reply: Reply }

/** A call that is not as agreed is answered under its own number if it has one that can be read, else under 0. */
function parsed<S extends Parameters<typeof parse>[0]>(
  schema: S,
  raw: unknown,
): Parsed<ReturnType<typeof parse<S>>> {
  try {
    return { ok: true, value: parse(schema, raw) }
  } catch (error) {
    const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : 0
    return { ok: false, reply: faultReply(typeof id === 'number' && Number.isInteger(id) ? id : 0, error) }
  }
}
