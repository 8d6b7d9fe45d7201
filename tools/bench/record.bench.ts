/** What it costs that every elevated program is written down, beside others who do that. Linux, as root. */
import { availableParallelism } from 'node:os'
import { whyNotRecording } from '../../tests/compliance/os-fixture.ts'
import { auditDaemon } from './audit-daemon.ts'
import { addSudoRule, loadText, openComputer, openShell, stopWhenAsked } from './bench-computer.ts'
import { recordedSession } from './recorded-session.ts'
import { nothing, type Recorder, type Seen } from './recorders.ts'
import { pairedRatio, round, spread } from './spread.ts'
import { makeWorkloads, type Workload } from './storm.ts'
import { sudoLog } from './sudo-log.ts'

const rounds = 5

interface Round extends Seen {
  readonly workWallMs: number
  readonly workCpuMs: number
}
type Measured = ReadonlyMap<Recorder, Round[]>

async function once(recorder: Recorder, { command, count }: Workload): Promise<Round> {
  await recorder.begin()
  const { wallMs, cpuMs } = await recorder.person.time(`sudo -n ${command}`)
  return { ...(await recorder.end(count)), workWallMs: wallMs, workCpuMs: cpuMs }
}

/** Every round has each of them once, and each round begins with another one. */
async function measure(recorders: readonly Recorder[], work: Workload): Promise<Measured> {
  const measured = new Map(recorders.map((recorder) => [recorder, [] as Round[]]))
  for (let at = -1; at < rounds; at++) {
    const first = (at + 1) % recorders.length
    for (const recorder of [...recorders.slice(first), ...recorders.slice(0, first)]) {
      stopWhenAsked()
      const result = await once(recorder, work)
      if (at >= 0) measured.get(recorder)?.push(result)
    }
  }
  return measured
}

function print(measured: Measured, { name, count }: Workload): void {
  console.log(`\n${name}: ${rounds} rounds, ${loadText()}`)
  const [plain = []] = measured.values()
  console.table([...measured].map(([recorder, results]) => row(recorder.name, results, { plain, count })))
}

function row(
  name: string,
  results: readonly Round[],
  { plain, count }: { readonly plain: readonly Round[]; readonly count: number },
) {
  const wall = (round: Round) => round.workWallMs
  const cpu = (round: Round) => round.workCpuMs
  const total = (round: Round) => round.workCpuMs + (round.cpuMs ?? 0)
  const recorder = results.map(({ cpuMs }) => cpuMs).filter((used) => used !== null)
  return {
    what: name,
    'wall ms': round(spread(results.map(wall)).median),
    '× wall': round(pairedRatio(results.map(wall), plain.map(wall))),
    '× CPU': round(pairedRatio(results.map(cpu), plain.map(cpu))),
    '× total CPU': round(pairedRatio(results.map(total), plain.map(total))),
    'recorder CPU ms': recorder.length > 0 ? round(spread(recorder).median) : '–',
    'starts lost': lost(
      results.map(({ starts }) => starts),
      count,
    ),
    'ends lost': lost(
      results.map(({ ends }) => ends),
      count,
    ),
  }
}

/** Over all rounds; a dash where nothing is promised. */
function lost(seen: readonly (number | null)[], count: number): number | string {
  const counts = seen.filter((one) => one !== null)
  return counts.length === 0 ? '–' : counts.reduce((sum, one) => sum + count - one, 0)
}

/** @throws Error when our own recording lost something: then its speed says nothing */
function requireComplete(measured: Measured, recorder: Recorder, { count }: Workload): void {
  const all = measured.get(recorder) ?? []
  if (all.every(({ starts, ends }) => starts === count && ends === count)) return
  throw new Error('the session lost events')
}

await using undo = new AsyncDisposableStack()
const unrecorded = await whyNotRecording()
if (unrecorded) throw new Error(`this bench cannot run here: ${unrecorded.replace('skipped: ', '')}`)
const computer = await openComputer(undo, 'bash')
/** `npm run bench -- record make`: only the workloads with this in their name. */
const wanted = process.argv[3] ?? ''
const workloads = makeWorkloads(undo, availableParallelism()).filter((work) => work.name.includes(wanted))
const { name } = computer.paths
const plainAccount = await computer.addAccount()
addSudoRule(undo, `${name}-plain`, [`#${plainAccount.uid} ALL=(ALL:ALL) NOPASSWD: ALL`])
const person = openShell(undo, plainAccount)
const logAccount = await computer.addAccount()
const sessionAccount = await computer.addAccount()
const session = await recordedSession(undo, computer, sessionAccount)
const plain = { account: plainAccount, person }
const others = [
  sudoLog(undo, name, logAccount),
  await auditDaemon(undo, 'auditd', plain),
  await auditDaemon(undo, 'auditd with laurel', plain),
]
const recorders = [nothing(person), session, ...others.filter((other) => typeof other !== 'string')]
for (const why of others) if (typeof why === 'string') console.log(`without ${why}`)

for (const work of workloads) {
  const measured = await measure(recorders, work)
  print(measured, work)
  requireComplete(measured, session, work)
}
