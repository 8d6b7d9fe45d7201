import { weaknesses as words } from '@stint/elevation'
import type { DeviceFacts } from '@stint/wire/journal'
import { printable } from '../config/printable.ts'
import type { Account, Os } from '../os/os.ts'
import type { Recorder } from '../record/record.ts'

const mostUsers = 200

/** What the server is told of this computer, its people, and what it cannot do. */
export async function readDeviceFacts(
  os: Pick<Os, 'facts'>,
  recorder: Pick<Recorder, 'available'>,
  accounts: readonly Account[],
  agentVersion: string,
): Promise<DeviceFacts> {
  const {
    hostname,
    osFamily,
    osName,
    osVersion,
    kernel,
    class: deviceClass,
    sudoVersion,
    polkit,
  } = await os.facts()
  const recording = await recorder.available()
  const weaknesses = [
    ...(sudoVersion === null ? [words['no-timed-sudo']] : []),
    ...(polkit ? [] : [words['no-polkit-rules']]),
    ...(recording.available ? [] : [`${words['not-recorded']} ${recording.message}`]),
  ]
  return {
    hostname: printable(hostname, 253),
    osFamily,
    osName: printable(osName, 100),
    osVersion: printable(osVersion, 100),
    kernel: printable(kernel, 100),
    class: deviceClass,
    agentVersion,
    users: accounts.slice(0, mostUsers).map(({ userId, name }) => {
      return { userId: printable(userId, 300), name: printable(name, 256) }
    }),
    weaknesses: weaknesses.map((weakness) => printable(weakness, 300)),
  }
}
