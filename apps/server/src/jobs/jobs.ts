import type { FastifyBaseLogger } from 'fastify'
import { minuteMs, type Timers } from '../clock.ts'

/** Something that is done again and again. It must be harmless to do twice, and to do late. */
export interface Job {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

export interface JobSteps {
  finishApprovals(): Promise<void>
  expireRequests(): Promise<void>
  publishPolicies(): Promise<void>
  eraseKeys(): Promise<void>
  deliverReports(): Promise<void>
  sendFacts(): Promise<void>
  signLedger(): Promise<void>
  findSilent(): Promise<void>
  askWitnesses(): Promise<void>
  cleanUp(): Promise<void>
}

export function jobsOf(steps: JobSteps): readonly Job[] {
  return [
    { name: 'finish-approvals', everyMs: 5_000, run: steps.finishApprovals },
    { name: 'expire-requests', everyMs: 10_000, run: steps.expireRequests },
    { name: 'publish-policies', everyMs: minuteMs, run: steps.publishPolicies },
    { name: 'erase-keys', everyMs: minuteMs, run: steps.eraseKeys },
    { name: 'sign-ledger', everyMs: 5_000, run: steps.signLedger },
    { name: 'ask-witnesses', everyMs: 10_000, run: steps.askWitnesses },
    { name: 'deliver-reports', everyMs: 10_000, run: steps.deliverReports },
    { name: 'send-facts', everyMs: 5_000, run: steps.sendFacts },
    { name: 'find-silent', everyMs: 10 * minuteMs, run: steps.findSilent },
    { name: 'clean-up', everyMs: 10 * minuteMs, run: steps.cleanUp },
  ]
}

/** Starts the jobs, each at once and then on its alarm; a run that is not over yet is not joined by another. */
export function startJobs(
  jobs: readonly Job[],
  timers: Timers,
  log: FastifyBaseLogger,
): { stop(): Promise<void> } {
  const running = new Map<string, Promise<void>>()
  const start = (job: Job) => {
    if (running.has(job.name)) return
    const run = job
      .run()
      .catch((error: unknown) => log.error({ err: error, job: job.name }, 'a job failed'))
      .finally(() => running.delete(job.name))
    running.set(job.name, run)
  }
  const stops = jobs.map((job) => timers.every(job.everyMs, () => start(job)))
  for (const job of jobs) start(job)
  return {
    async stop() {
      for (const stop of stops) stop()
      await Promise.all(running.values())
    },
  }
}
