import { broken, type Finding, good, unseen, weak } from './finding.ts'
import type { System } from './system.ts'

export interface ClockReading {
  readonly source: string | null
  /** Null when nothing tells. */
  readonly synchronised: boolean | null
  readonly nowMs: number
  /** The latest time that the agent ever believed; null for others than root, or before it ran. */
  readonly highestMs: number | null
}

export async function readClock(
  system: System,
  nowMs: number,
  highestMs: number | null,
): Promise<ClockReading> {
  const source = system.text('/sys/devices/system/clocksource/clocksource0/current_clocksource')
  return { source: source?.trim() ?? null, synchronised: await synchronised(system), nowMs, highestMs }
}

async function synchronised(system: System): Promise<boolean | null> {
  const chrony = await system.run('chronyc', ['-n', 'tracking'])
  if (chrony?.status === 0) return /^Leap status\s*: Normal/m.test(chrony.text)
  const systemd = await system.run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])
  return systemd?.status === 0 ? systemd.text.trim() === 'yes' : null
}

/** These count wrongly when the processor is busy. */
const poor = new Set(['jiffies', 'refined-jiffies', 'pit'])
const toleranceMs = 5_000

export function judgeClock(reading: ClockReading): readonly Finding[] {
  return [judgeSource(reading), judgeSynchronised(reading), judgeTurned(reading)]
}

function judgeSource({ source }: ClockReading): Finding {
  if (source === null)
    return unseen(
      'clock',
      'Nothing tells what the clock runs on.',
      'Look at the clock source of this computer.',
    )
  return poor.has(source)
    ? weak(
        'clock',
        `The clock runs on ${source}.`,
        'Deadlines may be off by seconds in an hour.',
        'Choose a better clock source, such as tsc or hpet.',
      )
    : good('clock', `The clock runs on ${source}.`)
}

function judgeSynchronised({ synchronised }: ClockReading): Finding {
  if (synchronised === null)
    return unseen(
      'time',
      'No service says whether the time is right.',
      'Run a time service, such as chrony or systemd-timesyncd.',
    )
  return synchronised
    ? good('time', 'The time is kept right by a service.')
    : weak(
        'time',
        'The time is not kept right by a service.',
        'Times in the record may be wrong. Deadlines are not affected: they do not follow this clock.',
        'Look at the time service.',
      )
}

function judgeTurned({ nowMs, highestMs }: ClockReading): Finding {
  if (highestMs === null)
    return unseen(
      'time before',
      'Whether the time was turned back was not looked at.',
      "Look as root, and name the agent's folder with --state DIR.",
    )
  const backMs = highestMs - nowMs
  return backMs <= toleranceMs
    ? good('time before', 'It is not earlier than it was.')
    : broken(
        'time before',
        `It is ${Math.round(backMs / 1000)} seconds earlier than it was when the agent last looked.`,
        'Sessions end when that is noticed, and the organisation is told.',
        'Set the right time; see the clock jumps in the ledger.',
      )
}
