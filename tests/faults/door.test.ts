/** The door of a running agent under people who do not keep to the agreement: others are served, and memory has an end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { mutate, seededRandom } from '../fuzz/mutate.ts'
import { anna, bert, FaultyComputer } from './faulty-computer.ts'

const skip = process.getuid?.() === 0 ? false : 'skipped: the agent runs as root'
const mebibyte = 1024 * 1024

describe('the door under attack', { skip }, () => {
  let computer: FaultyComputer
  const open = new Set<Socket>()
  before(async () => {
    computer = await FaultyComputer.enrolled()
  })
  after(async () => {
    for (const socket of open) socket.destroy()
    await computer?.close()
  })

  const path = (uid: number) => join(computer.runDir, 'u', String(uid), 'agent.sock')

  async function connected(uid = anna): Promise<Socket> {
    const socket = connect(path(uid))
    open.add(socket)
    socket.on('error', () => undefined).on('close', () => open.delete(socket))
    await once(socket, 'connect')
    return socket
  }

  /** Everything until the other side closes; null when it does not within a second. */
  async function untilClosed(socket: Socket): Promise<string | null> {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 1_000).unref())
    return Promise.race([once(socket, 'close').then(() => text), late])
  }

  async function closeAll(): Promise<void> {
    for (const socket of open) socket.destroy()
    while (open.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  function residentBytes(): number {
    const [, pages = '0'] = readFileSync(`/proc/${computer.pid}/statm`, 'latin1').split(' ')
    return Number(pages) * 4096
  }

  async function bertIsServed(): Promise<void> {
    assert.equal((await computer.status(bert)).user.name, 'bert')
  }

  test('GATE-7, GATE-8: 3 000 damaged frames: each is answered or ends its own connection, and nobody gets anything', async () => {
    const { pid } = computer
    const calls = [
      '{"id":1,"call":"status"}',
      '{"id":2,"call":"request","mode":"session","reason":"Install the printer","minutes":15,"offline":true}',
      '{"id":3,"call":"answer","text":"ABCDE FGHJK"}',
      '{"id":4,"call":"history","limit":5}',
      '{"id":5,"call":"end","__proto__":{"uid":0},"uid":1001,"user":"bert"}',
      `{"id":6,"call":"answer","text":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
      '{"id":1e999,"call":["status"]}',
    ]
    const random = seededRandom(20_261_122)
    for (let batch = 0; batch < 300; batch++) {
      const socket = await connected()
      const closed = untilClosed(socket)
      const frames = Array.from({ length: 10 }, () => mutate(calls, random).toWellFormed())
      if (batch % 5 === 0) frames.unshift(Buffer.from(frames[0] ?? '').toString('latin1'))
      socket.end(`${frames.join('\n')}\n`)
      const answered = (await closed) ?? assert.fail('a connection that was ended stays open')
      for (const line of answered.split('\n').slice(0, -1))
        assert.equal(typeof JSON.parse(line).ok, 'boolean')
    }
    await bertIsServed()
    assert.equal(computer.pid, pid)
    assert.ok(!computer.os.canAct(anna) && !computer.os.canAct(bert))
    assert.deepEqual((await computer.status()).session, null)
  })

  test('a frame that is too long, not UTF-8 or nested without end is refused by name and ends its connection', async () => {
    const deep = `{"id":1,"call":${'['.repeat(30_000)}`
    const tries: readonly (readonly [string | Buffer, string])[] = [
      ['x'.repeat(65_537), 'frame-too-long'],
      [Buffer.from([0x7b, 0xff, 0xfe, 0x0a]), 'malformed'],
      [`${deep}\n`, 'malformed'],
      ['\n', 'malformed'],
    ]
    for (const [bytes, code] of tries) {
      const socket = await connected()
      const closed = untilClosed(socket)
      socket.write(bytes)
      const { id, fault } = JSON.parse((await closed) ?? assert.fail(`no end after ${code}`))
      assert.deepEqual([id, fault.code], [0, code])
      assert.ok(fault.message.length > 0 && fault.hint.length > 0)
    }
  })

  test('GATE-7: whoever names another person in a message is refused, and stays who the socket says he is', async () => {
    for (const more of [{ uid: bert }, { user: 'bert' }, { userId: 'uid:1001:bert' }])
      assert.equal(await computer.word({ call: 'status', ...more }), 'fault:malformed')
    assert.equal((await computer.status()).user.name, 'anna')
  })

  test('connections with half a frame, one byte at a time, hold nobody else up', async () => {
    const slow = await Promise.all(Array.from({ length: 16 }, () => connected()))
    for (const byte of '{"id":1,"call":"sta') {
      for (const socket of slow) socket.write(byte)
      await bertIsServed()
    }
    for (const socket of slow) socket.write('tus"}\n')
    const [line] = await once(slow[0] ?? assert.fail(), 'data')
    assert.equal(JSON.parse(String(line)).result.user.name, 'anna')
    await closeAll()
  })

  test('of 1 000 connections of one person 16 stay, others are served, and it is over when he lets go', async () => {
    await computer.restart()
    const before = residentBytes()
    const many = await Promise.all(Array.from({ length: 1_000 }, () => connected().catch(() => null)))
    assert.ok(many.length === 1_000)
    await bertIsServed()
    while (open.size > 16) await new Promise((resolve) => setImmediate(resolve))
    for (const socket of open) socket.write('x'.repeat(65_000))
    await bertIsServed()
    assert.equal(open.size, 16)
    const grown = residentBytes() - before
    assert.ok(grown < 48 * mebibyte, `${Math.round(grown / mebibyte)} MiB for 1 000 connections`)
    await closeAll()
    const again = await connected()
    again.write('{"id":1,"call":"status"}\n')
    assert.match(String(await once(again, 'data')), /"anna"/)
    await closeAll()
  })

  test('somebody who asks on 16 connections and never reads costs the others nothing and us little', async () => {
    await computer.restart()
    const before = residentBytes()
    const deaf = await Promise.all(Array.from({ length: 16 }, () => connected()))
    const asks = '{"id":1,"call":"status"}\n'.repeat(2_000)
    for (const socket of deaf) socket.pause()
    for (let round = 0; round < 30; round++) {
      for (const socket of deaf) if (socket.writableLength < mebibyte) socket.write(asks)
      await bertIsServed()
    }
    const grown = residentBytes() - before
    process.stderr.write(`16 who never read: ${Math.round(grown / mebibyte)} MiB\n`)
    assert.ok(grown < 64 * mebibyte, `${Math.round(grown / mebibyte)} MiB for 16 who never read`)
    await closeAll()
  })

  test('what lies in the place of a socket is replaced at the start, and what it points to is left alone', async () => {
    await computer.stop()
    const outside = join(computer.stateDir, '..', 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'kept'), 'kept')
    const plants = [
      () => symlinkSync(outside, join(computer.runDir, 'u', String(anna))),
      () => writeFileSync(join(computer.runDir, 'u', String(anna)), ''),
      () => mkdirSync(path(anna), { recursive: true }),
      () => {
        mkdirSync(join(computer.runDir, 'u', String(anna)))
        symlinkSync(join(outside, 'kept'), path(anna))
      },
    ]
    for (const plant of plants) {
      computer.clearDoors()
      mkdirSync(join(computer.runDir, 'u'), { mode: 0o711 })
      plant()
      assert.equal(await computer.start(), 'ready', computer.log)
      assert.equal((await computer.status()).user.name, 'anna')
      assert.equal(await computer.stop(), 0)
    }
    assert.equal(readFileSync(join(outside, 'kept'), 'utf8'), 'kept')
  })

  test('a folder of sockets that is a link is refused: unsafe-folder', async () => {
    const outside = join(computer.stateDir, '..', 'outside')
    computer.clearDoors()
    symlinkSync(outside, join(computer.runDir, 'u'))
    await computer.start()
    assert.match(computer.log, /the door of uid 1000 could not be opened: Fault: Others than root can change/)
    await computer.stop()
    computer.clearDoors()
    symlinkSync(outside, join(computer.runDir, 'courier'))
    assert.equal(await computer.start(), 'ready')
    assert.deepEqual(readFileSync(join(outside, 'kept'), 'utf8'), 'kept')
  })
})
