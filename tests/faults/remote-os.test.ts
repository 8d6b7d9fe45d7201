import assert from 'node:assert/strict'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { SetClock } from '../../apps/agent/src/clock/fake/set-clock.ts'
import { FakeOs } from '../../apps/agent/src/os/fake/fake-os.ts'
import { osContract } from '../../apps/agent/src/os/os.contract.ts'
import { type Line, remoteOs, serveOs } from './agent/remote-os.ts'

const lineOf = (port: MessagePort): Line => ({
  send: (message) => port.postMessage(message),
  onMessage: (take) => void port.on('message', take),
})

osContract('at the other end of a line', async () => {
  const clock = new SetClock()
  const there = new FakeOs(clock)
  const { port1, port2 } = new MessageChannel()
  serveOs(there, lineOf(port1), (_name, at) => assert.deepEqual(at, clock.now()))
  const { os } = remoteOs(lineOf(port2), () => clock.now())
  return {
    os,
    clock,
    person: there.addAccount(1001, 'bob'),
    other: there.addAccount(1002, 'carol', { logins: 0 }),
    nobodyUid: 1999,
    canAct: async (who) => there.canAct(who),
    startElevated: async (who) => there.startElevated(who),
    isRunning: async (pid) => there.isRunning(pid),
    takeAway: async ({ sessionId }) => there.takeAway(sessionId),
    setJob: async (state) => {
      there.system.change('scheduled-job', '/etc/cron.d/new', state)
      return '/etc/cron.d/new'
    },
    quarantine: '/quarantine',
    close: async () => {
      port1.close()
      port2.close()
    },
  }
})
