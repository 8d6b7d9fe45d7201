/**
 * The guard: a process of its own that answers the kernel whether a program may start. While it thinks, programs of
 * the whole computer wait for it. So it waits for nobody, the agent included; the agent ends it when it is late; and
 * when the agent is gone it goes too. The kernel lets everything through as soon as it is gone.
 */
import { fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { Fanotify, type Question } from './fanotify.ts'
import type { FromGuard, GuardOrder, ToGuard } from './guard-protocol.ts'
import { Judge } from './judge.ts'
import { mountPoints } from './mounts.ts'
import { errno, loadNative, pollFor } from './native.ts'
import { OpenFileDigests } from './open-file-digests.ts'
import { Outbox } from './outbox.ts'

const fromAgent = 0
const toAgent = 1
const veryUrgent = -15
const idleMs = 60_000

const native = loadNative()
const fanotify = new Fanotify(native)
const mountinfoFd = openSync('/proc/self/mountinfo', 'r')
const outbox = new Outbox((bytes) => native.send(toAgent, bytes))
const judge = new Judge({
  digests: new OpenFileDigests(),
  agentPid: process.ppid,
  memoryDevice: deviceOfMemoryFiles(),
  wallMs: () => Date.now(),
})
let watching = false
let received = ''

/** An empty memory file is made to see where they live. */
function deviceOfMemoryFiles(): bigint {
  const fd = native.memoryFile('stint')
  if (fd < 0) return -1n
  const { dev } = fstatSync(fd, { bigint: true })
  native.close(fd)
  return dev
}

function tell(message: FromGuard): void {
  outbox.put(message)
}

/** Answers the mount points that cannot be watched. One that root itself may not enter is out of a session's reach. */
function watchFileSystems(): readonly string[] {
  const unwatched: string[] = []
  for (const point of mountPoints(readFileSync('/proc/self/mountinfo', 'utf8'))) {
    const failed = fanotify.watchFileSystem(point)
    if (failed === 0 || failed === errno.EACCES || failed === errno.ENOENT) continue
    if (point === '/') throw new Error(`the kernel does not ask for programs (error ${failed})`)
    unwatched.push(point)
  }
  return unwatched
}

/** When something of it fails, the orders before stay in force. */
function obey(orders: readonly GuardOrder[]): readonly string[] {
  const unwatched = watchFileSystems()
  for (const { file } of orders.flatMap(({ named }) => named)) fanotify.watchFile(file)
  judge.orders = orders
  watching = true
  return unwatched
}

function take(message: ToGuard): void {
  if (message.kind === 'ping') tell({ kind: 'pong' })
  else tell(answerTo(message))
}

function answerTo({ serial, orders }: Extract<ToGuard, { kind: 'orders' }>): FromGuard {
  try {
    return { kind: 'armed', serial, unwatched: obey(orders) }
  } catch (error) {
    return { kind: 'failed', serial, why: error instanceof Error ? error.message : String(error) }
  }
}

const input = new Uint8Array(1 << 16)
const decoder = new TextDecoder()

/** The agent is gone when nothing comes any more. */
function listen(): void {
  const size = native.read(fromAgent, input)
  if (size === 0 || (size < 0 && size !== -errno.EINTR && size !== -errno.EAGAIN)) process.exit(0)
  if (size < 0) return
  const lines = (received + decoder.decode(input.subarray(0, size), { stream: true })).split('\n')
  received = lines.pop() ?? ''
  for (const line of lines) take(JSON.parse(line) as ToGuard)
}

function answer(question: Question): void {
  let allowed = false
  try {
    const verdict = judge.judge(question)
    allowed = verdict.allowed
    if (!verdict.allowed) {
      tell(verdict.denied)
      // Whatever was denied once is not handed out to be copied, either.
      if (verdict.denied.rule !== null) fanotify.watchFile(`/proc/self/fd/${question.fd}`)
    }
  } finally {
    fanotify.answer(question, allowed)
    native.close(question.fd)
  }
}

const can = (events: number | undefined): boolean => events !== undefined && events !== 0

function turn(): void {
  const [asked, agent, , mounts] = native.poll(
    [
      { fd: fanotify.fd, events: pollFor.input },
      { fd: fromAgent, events: pollFor.input },
      { fd: toAgent, events: outbox.isEmpty ? 0 : pollFor.output },
      { fd: mountinfoFd, events: pollFor.urgent },
    ],
    idleMs,
  )
  if (can(mounts) && watching) watchFileSystems()
  if (can(asked)) for (const question of fanotify.questions()) answer(question)
  if (can(agent)) listen()
  if (!outbox.isEmpty) outbox.send()
}

/** First in line for the processor, last when memory runs out; where we may not ask for that, it works without. */
function standOut(): void {
  for (const ask of [
    () => setPriority(veryUrgent),
    () => writeFileSync('/proc/self/oom_score_adj', '-900'),
  ]) {
    try {
      ask()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
    }
  }
}

// Signals for the agent's group are the agent's matter; it ends the guard by closing the line.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
standOut()
for (;;) turn()
