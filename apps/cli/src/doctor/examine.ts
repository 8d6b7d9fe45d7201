import { release } from 'node:os'
import { basename } from 'node:path'
import type { UserStatus } from '@stint/wire/local-user'
import type { Config } from '../config.ts'
import type { Attempt } from '../ending.ts'
import { judgeAgent, readKept } from './agent-check.ts'
import { judgeClock, readClock } from './clock-check.ts'
import type { Finding } from './finding.ts'
import { judgePolkit, readPolkit } from './polkit.ts'
import { judgeRecording, readRecording } from './recording.ts'
import { judgeEnds, readEnds } from './session-ends.ts'
import { judgeFolder, readFolder } from './state-folder.ts'
import { judgeSudo, readSudo } from './sudo.ts'
import type { System } from './system.ts'

export interface Look {
  readonly config: Pick<Config, 'home' | 'node' | 'platform'>
  readonly runDir: string
  readonly stateDir: string
  readonly nowMs: number
  /** Null for root. */
  readonly status: Attempt<UserStatus> | null
}

/** Everything that Stint stands on here, in the order in which a person would look. Changes nothing. */
export async function examine(system: System, look: Look): Promise<readonly Finding[]> {
  const { config, runDir, stateDir, nowMs, status } = look
  const kept = readKept(system, stateDir)
  const agent = judgeAgent({ status, kept, sockets: system.exists(`${runDir}/u`), nowMs })
  if (config.platform !== 'linux') return agent
  const kernel = release()
  return [
    ...agent,
    ...judgeSudo(await readSudo(system)),
    judgePolkit(await readPolkit(system)),
    ...judgeEnds(readEnds(system, basename(runDir), kernel)),
    ...judgeRecording(await readRecording(system, { ...config, kernel })),
    ...judgeClock(await readClock(system, nowMs, kept?.highestMs ?? null)),
    judgeFolder(readFolder(system, stateDir)),
  ]
}
