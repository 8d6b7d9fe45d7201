/** The sockets of the shipped agent, tried by real accounts of this computer. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { test } from 'node:test'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { startProgram, stopProgram } from './organisation-server.ts'
import { Computer, whyNot } from './os-fixture.ts'

const skip = whyNot('sudo', 'visudo', 'useradd', 'runuser')

/** Runs a script of Node as this person and gives what it printed. */
function as(person: Account, script: string): string {
  const env = { PATH: process.env.PATH ?? '' }
  const identity = { uid: person.uid, gid: person.gid }
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    ...identity,
    env,
    cwd: '/',
    encoding: 'utf8',
  })
  return stdout.trim() || stderr
}

/** Prints what the agent answers to a call, or why there is no connection. */
const calls = (path: string, call: object) =>
  `const s=require('node:net').connect(${JSON.stringify(path)});s.on('error',(e)=>console.log(e.code));` +
  `s.on('data',(d)=>{console.log(String(d));process.exit()});s.write(${JSON.stringify(`${JSON.stringify(call)}\n`)})`

const tries = (statement: string) =>
  `const fs=require('node:fs');try{${statement};console.log('done')}catch(e){console.log(e.code)}`

test('GATE-6, GATE-7, GATE-8: a person reaches his own socket only, cannot replace any, and is whom the socket says', {
  skip,
}, async () => {
  const computer = await Computer.open()
  const runDir = `/run/${computer.paths.name}`
  const stateDir = `/var/lib/${computer.paths.name}`
  const flags = (uid: number) => [
    '--run',
    runDir,
    '--state',
    stateDir,
    '--courier-uid',
    String(uid),
    '--json',
  ]
  const running: Awaited<ReturnType<typeof startProgram>>[] = []
  try {
    const [person, other, courier] = [
      await computer.addAccount(),
      await computer.addAccount(),
      await computer.addAccount(),
    ]
    const own = `${runDir}/u/${person.uid}/agent.sock`
    const others = `${runDir}/u/${other.uid}/agent.sock`
    const couriers = `${runDir}/courier/agent.sock`
    const status = { id: 1, call: 'status' }
    // Squatting before the start: nobody but root makes anything here.
    assert.equal(as(person, tries(`fs.mkdirSync(${JSON.stringify(runDir)})`)), 'EACCES')
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      // The second time on what a killed agent left.
      const agent = await startProgram('agent', flags(courier.uid))
      running.push(agent)
      assert.equal(JSON.parse(as(person, calls(own, status))).result.user.name, person.name)
      assert.equal(JSON.parse(as(other, calls(others, status))).result.user.name, other.name)
      for (const path of [others, couriers]) assert.equal(as(person, calls(path, status)), 'EACCES')
      for (const path of [own, others]) assert.equal(as(courier, calls(path, status)), 'EACCES')
      assert.equal(JSON.parse(as(courier, calls(couriers, { id: 1, call: 'state' }))).ok, true)
      const pretends = JSON.parse(as(person, calls(own, { ...status, uid: other.uid, user: other.name })))
      assert.equal(pretends.fault.code, 'malformed')
      for (const path of [own, others, couriers])
        assert.equal(as(person, tries(`fs.unlinkSync(${JSON.stringify(path)})`)), 'EACCES')
      for (const dir of [runDir, `${runDir}/u`, `${runDir}/u/${person.uid}`, `${runDir}/courier`]) {
        const { uid, mode } = statSync(dir)
        assert.deepEqual([dir, uid, mode & 0o022], [dir, 0, 0])
        assert.equal(as(person, tries(`fs.writeFileSync('${dir}/planted','')`)), 'EACCES')
      }
      for (const [path, account] of [
        [own, person],
        [others, other],
        [couriers, courier],
      ] as const) {
        const { uid, mode } = statSync(path)
        assert.deepEqual([path, uid, (mode & 0o777).toString(8)], [path, account.uid, '600'])
      }
      await stopProgram(agent.child, signal)
    }
  } finally {
    for (const { child } of running) await stopProgram(child)
    rmSync(runDir, { recursive: true, force: true })
    rmSync(stateDir, { recursive: true, force: true })
    await computer.close()
  }
})
