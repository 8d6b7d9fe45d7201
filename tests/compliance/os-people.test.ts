import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { Computer, until, whyNot } from './os-fixture.ts'

describe('reaching one person and nobody else', {
  skip: whyNot('sudo', 'useradd', 'runuser', 'script', 'python3'),
}, () => {
  let computer: Computer
  let person: Account
  let other: Account
  before(async () => {
    computer = await Computer.open()
    await computer.os.prepare()
    person = await computer.addAccount()
    other = await computer.addAccount()
  })
  after(async () => {
    await computer?.close()
  })

  test('a line reaches the terminal of the person, without commands for the terminal', async () => {
    const terminal = spawn('runuser', [
      '-u',
      person.name,
      '--',
      'script',
      '-qfc',
      'echo ready; sleep 7200',
      '/dev/null',
    ])
    let screen = ''
    terminal.stdout.on('data', (text) => (screen += text))
    try {
      await until('the terminal is there', () => screen.includes('ready'))
      assert.equal(await computer.os.notify(other.uid, 'not for you'), 0)
      assert.equal(await computer.os.notify(person.uid, 'five\u001b]0;x\u0007 minutes'), 1)
      await until('the line is on the screen', () => screen.includes('[Stint]'))
      assert.match(screen, /\[Stint\] five \]0;x minutes\r+\n/)
      assert.ok(!screen.includes('not for you') && !screen.includes('\u001b'))
    } finally {
      terminal.kill('SIGKILL')
    }
  })

  test('only the person can connect to his socket, and he cannot replace it', async () => {
    const dir = await computer.os.userSocketDir(person.uid)
    const path = `${dir}/agent.sock`
    const server = createServer((socket) => socket.end('hello')).listen(path)
    try {
      await once(server, 'listening')
      const connect = `exec python3 -c 'import socket,sys
s=socket.socket(socket.AF_UNIX); s.connect("${path}"); print(s.recv(9).decode())'`
      // Not yet handed over: a socket that is bound but has no owner is nobody's.
      assert.match((await computer.as(person, connect)).stderr, /Permission denied/)
      await computer.os.giveSocket(path, person.uid)
      assert.equal((await computer.as(person, connect)).stdout, 'hello\n')
      assert.match((await computer.as(other, connect)).stderr, /Permission denied/)
      assert.notEqual((await computer.as(person, `rm -f ${path}`)).status, 0)
      assert.notEqual((await computer.as(person, `touch ${dir}/mine`)).status, 0)
      assert.deepEqual([statSync(dir).uid, statSync(dir).mode & 0o777], [0, 0o711])
      assert.deepEqual([statSync(path).uid, statSync(path).mode & 0o777], [person.uid, 0o600])
    } finally {
      server.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })

  test('a member of an administrators group is an administrator without us', async () => {
    assert.equal(await computer.os.isAdministrator(other.uid), false)
    const changed = spawn('usermod', ['-aG', 'sudo', other.name])
    assert.deepEqual(await once(changed, 'exit'), [0, null])
    assert.equal(await computer.os.isAdministrator(other.uid), true)
  })

  test('an account that was removed is gone, and its rights can still be lowered', async () => {
    const third = await computer.addAccount()
    const session = { sessionId: 's-gone', uid: third.uid }
    await computer.os.raise(computer.order(third.uid, session))
    await computer.forget(third)
    assert.equal(await computer.os.account(third.uid), 'gone')
    assert.equal(await computer.os.lower(session), 'raised')
    assert.deepEqual(await computer.os.endProcesses({ ...session, sinceBootMs: 0, graceMs: 0 }), {
      ended: [],
      running: [],
    })
  })
})
