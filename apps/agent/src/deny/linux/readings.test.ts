import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeniedStart } from '../deny.ts'
import { isElevated, isInGroup, parseAsking } from './asking.ts'
import { readFromGuard } from './guard-protocol.ts'
import { mountPoints } from './mounts.ts'
import { Outbox } from './outbox.ts'
import { globFolder } from './paths.ts'

const status = (uids: string, permitted: string) =>
  `Name:\tbash\nUmask:\t0022\nTgid:\t70\nPid:\t71\nPPid:\t7\nUid:\t${uids}\nCapInh:\t0000000000000000\nCapPrm:\t${permitted}\n`
const none = '0000000000000000'

test('a thread belongs to a process, and has rights by uid or by capability', () => {
  const asking = parseAsking(status('1000\t0\t0\t0', none))
  assert.deepEqual([asking.pid, asking.parentPid, asking.uids], [70, 7, [1000, 0, 0, 0]])
  assert.equal(isElevated(asking, 1000), true)
  assert.equal(isElevated(parseAsking(status('1000\t1000\t1000\t1000', none)), 1000), false)
  assert.equal(isElevated(parseAsking(status('1000\t1000\t1000\t1000', '0000000000200000')), 1000), true)
})

test('the capability that desktops give to everybody raises nobody', () => {
  assert.equal(isElevated(parseAsking(status('1000\t1000\t1000\t1000', '0000000800000000')), 1000), false)
})

test('a group counts with those below it, and not with others that begin alike', () => {
  const group = '/stint/s-1'
  assert.equal(isInGroup('12:cpu:/x\n0::/stint/s-1\n', group), true)
  assert.equal(isInGroup('0::/stint/s-1/below\n', group), true)
  assert.equal(isInGroup('0::/stint/s-10\n', group), false)
  assert.equal(isInGroup('4:freezer:/stint/s-1\n0::/\n', group), false)
})

test('file systems that hold programs are watched at every mount point, by its plain name', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '23 22 0:21 / /proc rw - proc proc rw',
    '24 22 0:30 / /mnt/with\\040blank rw - tmpfs none rw',
    '25 22 0:31 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    '26 22 254:0 /opt /srv rw - ext4 /dev/vda rw',
    '',
  ].join('\n')
  assert.deepEqual(mountPoints(mountinfo), ['/', '/mnt/with blank', '/srv'])
})

test('the folder of a glob ends before its first wildcard', () => {
  assert.deepEqual(['/opt/a*', '/opt/**/x', '/*', '/opt/a/b*/c'].map(globFolder), [
    '/opt',
    '/opt',
    '/',
    '/opt/a',
  ])
})

const denied: DeniedStart = {
  ...{ kind: 'denied', how: 'start', uid: 1000, pid: 1, parentPid: 1, effectiveUid: 0, program: '/x' },
  ...{ sha256: null, argv: ['x'.repeat(100_000)], argvCut: false, rule: 'r', note: '', atMs: 0 },
}

test('a slow reader holds nobody up: what is too much is counted, and the count is told', () => {
  let taken = ''
  let room = 0
  const outbox = new Outbox((bytes) => {
    const part = Buffer.from(bytes).subarray(0, Math.min(room, 65_536))
    taken += part.toString()
    room -= part.length
    return part.length === 0 ? -11 : part.length
  })
  for (let at = 0; at < 100; at++) outbox.put(denied)
  outbox.send()
  assert.equal(taken, '')
  room = Number.POSITIVE_INFINITY
  outbox.send()
  outbox.send()
  assert.equal(outbox.isEmpty, true)
  const told = taken
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const untold = told.filter(({ kind }) => kind === 'untold')
  assert.equal(untold.length, 1)
  assert.ok(untold[0].count > 0)
  assert.equal(told.length - 1 + untold[0].count, 100)
})

test('what a killed guard leaves of a message is none, and ends nothing but the guard', () => {
  const whole = JSON.stringify({ kind: 'untold', count: 3, atMs: 0 })
  assert.deepEqual(readFromGuard(whole), { kind: 'untold', count: 3, atMs: 0 })
  for (let length = 0; length < whole.length; length++)
    assert.equal(readFromGuard(whole.slice(0, length)), null)
})
