import { rmSync, writeFileSync } from 'node:fs'
import { removeIfThere } from '../../apps/agent/src/os/linux/files.ts'
import { polkitFile, sudoersFile } from '../../apps/agent/src/os/linux/layout.ts'
import { readProcess } from '../../apps/agent/src/os/linux/processes.ts'
import { osContract } from '../../apps/agent/src/os/os.contract.ts'
import { Computer, whyNot } from './os-fixture.ts'

osContract(
  'Linux',
  async () => {
    const computer = await Computer.open()
    const person = await computer.addAccount()
    const other = await computer.addAccount()
    return {
      os: computer.os,
      clock: computer.clock,
      person,
      other,
      nobodyUid: 64_123,
      canAct: (uid) => computer.canAct(uid),
      startElevated: () => computer.startElevated(person),
      isRunning: async (pid) => readProcess(pid) !== null,
      setJob: async (state) => {
        const job = `/etc/cron.d/${computer.paths.name}`
        if (state === null) rmSync(job, { force: true })
        else writeFileSync(job, `# ${state}\n`)
        return job
      },
      quarantine: `/run/lock/${computer.paths.name}-quarantine`,
      takeAway: async ({ uid, sessionId }) => {
        await removeIfThere(sudoersFile(computer.paths, uid, sessionId))
        await removeIfThere(polkitFile(computer.paths, uid, sessionId))
      },
      close: async () => {
        rmSync(`/etc/cron.d/${computer.paths.name}`, { force: true })
        rmSync(`/run/lock/${computer.paths.name}-quarantine`, { recursive: true, force: true })
        await computer.close()
      },
    }
  },
  whyNot('sudo', 'visudo', 'useradd', 'runuser', 'setsid'),
)
