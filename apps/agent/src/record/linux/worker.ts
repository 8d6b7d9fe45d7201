/** Reads the kernel's records on a thread of its own, so that nothing the agent does can make it late. */
import { readSync } from 'node:fs'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { SystemClock } from '../../clock/system-clock.ts'
import type { RecordingGap } from '../record.ts'
import { auditProtocol, becomeReceiver } from './audit-control.ts'
import { EventAssembler } from './audit-events.ts'
import { type RecordHead, readHead, readTypes } from './audit-text.ts'
import { ExitJoin, readExit } from './exits.ts'
import { errno, loadNative } from './native.ts'
import { decodeMessage, encodeMessage, NetlinkRefusal, openNetlink, setReceiveBuffer } from './netlink.ts'
import { SerialWatch } from './serials.ts'
import {
  type ExpectedEnd,
  stopFlag,
  type WorkerFact,
  type WorkerMessage,
  type WorkerOrder,
} from './worker-protocol.ts'

const receiveBufferBytes = 64 << 20
const auditMulticastGroup = 1
const connectorProtocol = 11
const connectorGroup = 1
const typeDone = 3
const listen = 1
const ignore = 2
const exitEvents = 0x8000_0000
/** A record is at most 8970 bytes (MAX_AUDIT_MESSAGE_LENGTH). */
const largestRecordBytes = 16 << 10
/** Taken with one call. */
const recordsPerCall = 64
/** So many calls are handed over together at most, so that facts reach the disk also during a storm. */
const callsPerTurn = 64
const holeCheckMs = 500
/** Records come one by one; taking them a few milliseconds later takes many at once, at a fraction of the cost. */
const gatherMs = 5
/** `audit(<seconds>.<ms>:<serial>): ` with room to spare. */
const headBytes = 64

const native = loadNative()
const clock = new SystemClock()
const order = workerData as WorkerOrder
const control = new Int32Array(order.control)
const batch = native.batch(recordsPerCall, largestRecordBytes)
const assembler = new EventAssembler()
const serials = new SerialWatch()
const exits = new ExitJoin()

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

function openAudit(): { fd: number; source: 'alone' | 'beside' } {
  const fd = openNetlink(native, auditProtocol, 0)
  setReceiveBuffer(native, fd, receiveBufferBytes)
  try {
    becomeReceiver(native, fd, process.pid, () => undefined)
    return { fd, source: 'alone' }
  } catch (error) {
    native.close(fd)
    if (!(error instanceof NetlinkRefusal) || error.errno !== errno.EEXIST) throw error
  }
  const listening = openNetlink(native, auditProtocol, auditMulticastGroup)
  setReceiveBuffer(native, listening, receiveBufferBytes)
  return { fd: listening, source: 'beside' }
}

/** `null` where the kernel has no process connector, or not for us. */
function openExits(): number | null {
  try {
    const fd = openNetlink(native, connectorProtocol, connectorGroup)
    setReceiveBuffer(native, fd, receiveBufferBytes)
    if (native.send(fd, connectorOperation(listen)) >= 0) {
      // From Linux 6.6 on only ends are asked for; older kernels ignore this and send everything.
      native.send(fd, connectorOperation(listen, exitEvents))
      return fd
    }
    native.close(fd)
    return null
  } catch (error) {
    if (error instanceof NetlinkRefusal) return null
    throw error
  }
}

/** struct cn_msg {idx 1, val 1, seq, ack, len, flags}, the operation, and which events. */
function connectorOperation(operation: number, events?: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(events === undefined ? 24 : 28))
  view.setUint32(0, 1, true)
  view.setUint32(4, 1, true)
  view.setUint16(16, view.byteLength - 20, true)
  view.setUint32(20, operation, true)
  if (events !== undefined) view.setUint32(24, events, true)
  return encodeMessage(typeDone, 0, new Uint8Array(view.buffer))
}

interface Drained {
  /** The kernel said that it had to drop some. */
  readonly overrun: boolean
  /** Nothing more was there. */
  readonly empty: boolean
}

function drain(fd: number, take: (datagram: Buffer) => void): Drained {
  let overrun = false
  for (let calls = 0; calls < callsPerTurn; calls++) {
    const count = batch.receive(fd)
    for (let at = 0; at < count; at++) take(batch.message(at))
    if (count === -errno.ENOBUFS) overrun = true
    else if (count === -errno.EAGAIN) return { overrun, empty: true }
    else if (count < 0 && count !== -errno.EINTR) throw new NetlinkRefusal('reading records', -count)
  }
  return { overrun, empty: false }
}

let lastHead: RecordHead | null = null

function takeRecord(datagram: Buffer, nowMs: number, facts: WorkerFact[]): void {
  const message = decodeMessage(datagram)
  if (message === null) return
  const isRead = readTypes.has(message.type)
  const head = readHead(message.payload.toString('latin1', 0, isRead ? undefined : headBytes), lastHead)
  if (head === null) return
  // The records of an event come one after the other: its number is news only once.
  if (head.serial !== lastHead?.serial) serials.see(head.serial, head.wallMs, nowMs)
  lastHead = head
  for (const event of assembler.add(message.type, head)) {
    if (event.kind === 'broken') {
      facts.push(gap('event-incomplete', event.wallMs, event.wallMs, event.detail))
    } else {
      facts.push(event)
      if (event.kind === 'exec') facts.push(...exits.started(event))
    }
  }
}

function gap(cause: RecordingGap['cause'], fromMs: number, toMs: number, detail: string): RecordingGap {
  return { kind: 'gap', fromMs, toMs, cause, detail }
}

let lastTurnMs = clock.now().wallMs

function turn(auditFd: number, exitsFd: number | null, last: boolean): void {
  const facts: WorkerFact[] = []
  const fromMs = lastTurnMs
  const nowMs = clock.now().wallMs
  const records = drain(auditFd, (datagram) => takeRecord(datagram, nowMs, facts))
  const monotonicNs = process.hrtime.bigint()
  const { wallMs } = clock.now()
  lastTurnMs = wallMs
  const takeExit = (datagram: Buffer): void => {
    const exit = readExit(decodeMessage(datagram)?.payload ?? Buffer.alloc(0), monotonicNs, wallMs)
    if (exit) facts.push(...exits.ended(exit))
  }
  const lostExits = exitsFd !== null && drain(exitsFd, takeExit).overrun
  // While starts are still waiting to be read, no end may be forgotten that could be theirs.
  if (records.empty) exits.forget(wallMs)
  if (records.overrun)
    facts.push(gap('overrun', fromMs, wallMs, 'The kernel could not hand over all records.'))
  if (lostExits) facts.push(gap('ends-missing', fromMs, wallMs, 'The kernel could not hand over all ends.'))
  for (const missing of serials.lost(wallMs, last)) {
    const detail = `${missing.count} numbered events never arrived.`
    facts.push(gap('events-missing', missing.fromMs, missing.toMs, detail))
  }
  if (facts.length > 0) post({ kind: 'facts', facts })
}

/** This thread waits in the kernel and never comes to its event loop, so it fetches what it was sent. */
function takeOrders(): void {
  readSync(order.wakeFd, new Uint8Array(8))
  const facts: WorkerFact[] = []
  for (;;) {
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort)
    if (received === undefined) break
    for (const { program, isThere } of received.message as readonly ExpectedEnd[])
      facts.push(...exits.expected(program, isThere))
  }
  if (facts.length > 0) post({ kind: 'facts', facts })
}

function listenUntilStopped(opened: number[]): void {
  const { fd: auditFd, source } = openAudit()
  opened.push(auditFd)
  const exitsFd = openExits()
  if (exitsFd !== null) opened.push(exitsFd)
  post({ kind: 'ready', source, exits: exitsFd !== null })
  const fds = [order.wakeFd, ...opened]
  while (Atomics.load(control, stopFlag) === 0) {
    const [woken] = native.poll(fds, serials.waiting ? holeCheckMs : -1)
    if (woken) takeOrders()
    Atomics.wait(control, stopFlag, 0, gatherMs)
    turn(auditFd, exitsFd, false)
  }
  if (source === 'alone') becomeReceiver(native, auditFd, 0, () => undefined)
  turn(auditFd, exitsFd, true)
  if (exitsFd !== null) native.send(exitsFd, connectorOperation(ignore))
}

/** Left open, a socket would go on swallowing records: the end of a thread closes nothing. */
function main(): void {
  const opened: number[] = []
  try {
    listenUntilStopped(opened)
  } finally {
    for (const fd of opened) native.close(fd)
    batch.free()
  }
}

main()
