/** The agent on a disk that is really full. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { run } from '../compliance/os-fixture.ts'
import { guess } from '../story/harness/guess.ts'
import { anna, type FaultyComputer } from './faulty-computer.ts'
import { asked, everythingIsInOrder, type Heard, type Scene } from './one-session.ts'

const skip = process.getuid?.() === 0 ? false : 'skipped: needs root, to mount'

describe('a disk of its own', { skip }, () => {
  let scene: Scene
  before(async () => {
    scene = await asked()
  })
  after(() => scene?.computer.close())

  /** The agent's state on a file system of 512 KiB. */
  async function onSmallDisk(
    work: (computer: FaultyComputer, disk: SmallDisk) => Promise<void>,
  ): Promise<void> {
    const computer = scene.computer.copy()
    const disk = new SmallDisk(computer.stateDir)
    await disk.mount()
    try {
      assert.equal(await computer.start(), 'ready', computer.log)
      await work(computer, disk)
    } finally {
      await computer.kill()
      await disk.unmount()
      await computer.close()
    }
  }

  const nothingHeard = (more: Partial<Heard> = {}): Heard => {
    return {
      bad: 0,
      guesses: 0,
      raised: true,
      ended: false,
      acknowledged: [],
      words: [],
      unrecorded: [],
      ...more,
    }
  }

  test('LIMIT-12, END-2: a disk that is full compares no code and raises nobody; mended, the same code works', () =>
    onSmallDisk(async (computer, disk) => {
      disk.fill()
      assert.equal(await computer.word({ call: 'answer', text: guess(scene.requestCode) }), 'fault:disk-full')
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'fault:disk-full')
      assert.ok(!computer.os.canAct(anna))
      assert.equal(computer.stateOnDisk().limiter.failures, 0)
      disk.empty()
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'ok')
      assert.ok(computer.os.canAct(anna))
      await computer.restart()
      await everythingIsInOrder({ ...scene, computer }, nothingHeard())
    }))

  test('END-4, END-6: a disk that is full keeps no right up; the end is written once when it is mended', () =>
    onSmallDisk(async (computer, disk) => {
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'ok')
      disk.fill()
      await computer.program(anna, ['/usr/bin/id'])
      assert.equal(await computer.word({ call: 'end' }), 'ok')
      assert.ok(!computer.os.canAct(anna))
      await computer.pass(60_000)
      disk.empty()
      await computer.pass(10_000)
      const [end] = await computer.facts('session.end')
      assert.deepEqual([end?.reason, end?.proven, end?.processes], ['ended-by-user', true, 1])
      await computer.restart()
      await everythingIsInOrder({ ...scene, computer }, nothingHeard({ ended: true }))
    }))

  test('END-1, END-5: an agent that is killed on a disk that is full leaves no right beyond the deadline', () =>
    onSmallDisk(async (computer, disk) => {
      assert.equal(await computer.word({ call: 'answer', text: scene.code }), 'ok')
      disk.fill()
      await computer.kill()
      const again = await computer.start()
      await computer.pass(16 * 60_000)
      assert.ok(!computer.os.canAct(anna), `rights beyond the deadline; the agent is ${again}`)
      disk.empty()
      await computer.restart()
      await everythingIsInOrder({ ...scene, computer }, nothingHeard())
    }))
})

/** A file system in memory in the place of a folder, with its content. */
class SmallDisk {
  readonly #folder: string
  readonly #ballast: string

  constructor(folder: string) {
    this.#folder = folder
    this.#ballast = join(folder, 'ballast')
  }

  async mount(): Promise<void> {
    const aside = `${this.#folder}-aside`
    renameSync(this.#folder, aside)
    mkdirSync(this.#folder, { mode: 0o700 })
    await must('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'faults', this.#folder])
    cpSync(aside, this.#folder, { recursive: true })
    rmSync(aside, { recursive: true })
  }

  /** To the last byte. */
  fill(): void {
    for (let bytes = 64 * 1024; bytes >= 1; bytes = Math.floor(bytes / 2)) this.#add(Buffer.alloc(bytes))
  }

  empty(): void {
    rmSync(this.#ballast)
  }

  async unmount(): Promise<void> {
    await must('umount', ['--lazy', this.#folder])
  }

  #add(content: Buffer): void {
    for (;;) {
      try {
        writeFileSync(this.#ballast, content, { flag: 'a' })
      } catch {
        return
      }
    }
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(program, args)
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}`)
}
