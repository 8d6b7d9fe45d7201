/** A person with raised rights on a real computer, and everything that a recorder says about what he runs. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Account } from '../../apps/agent/src/os/os.ts'
import { AuditControl } from '../../apps/agent/src/record/linux/audit-control.ts'
import { LinuxRecorder } from '../../apps/agent/src/record/linux/linux-recorder.ts'
import { loadNative } from '../../apps/agent/src/record/linux/native.ts'
import type {
  ElevatedProcess,
  ProcessEnded,
  RecordingFact,
  RecordingGap,
} from '../../apps/agent/src/record/record.ts'
import { Computer, type Outcome, run } from './os-fixture.ts'

export interface Seen {
  readonly processes: readonly ElevatedProcess[]
  readonly gaps: readonly RecordingGap[]
  endOf(process: ElevatedProcess | undefined): ProcessEnded | undefined
}

/** The kernel's audit as it stands: settings and rules. */
export function auditState(): Record<string, unknown> {
  const control = new AuditControl(loadNative())
  try {
    const { lost: _, ...settings } = control.status()
    return { ...settings, rules: control.rules().map(({ key }) => key) }
  } finally {
    control.close()
  }
}

export class RecordedPerson {
  readonly computer: Computer
  readonly person: Account
  readonly recorder: LinuxRecorder
  /** Shared by all recorders of this test. */
  readonly settingsFile: string
  /** Folder of his own programs. */
  readonly dir: string

  private constructor(computer: Computer, person: Account) {
    this.computer = computer
    this.person = person
    this.settingsFile = `${computer.paths.run}/audit-before.json`
    this.recorder = new LinuxRecorder({ clock: computer.clock, settingsFile: this.settingsFile })
    this.dir = `${person.home}/programs`
    mkdirSync(this.dir)
  }

  static async open(): Promise<RecordedPerson> {
    const computer = await Computer.open()
    await computer.os.prepare()
    const person = await computer.addAccount()
    await computer.os.raise(computer.order(person.uid, { lastsMs: 3_600_000 }))
    return new RecordedPerson(computer, person)
  }

  /** Compiles a program, static unless flags say otherwise. Answers its path. */
  async compile(
    name: string,
    source: string,
    flags: readonly string[] = ['-static', '-O1'],
  ): Promise<string> {
    const path = `${this.dir}/${name}`
    writeFileSync(`${path}.c`, source)
    const built = await run('cc', [...flags, '-o', path, `${path}.c`])
    assert.equal(built.status, 0, built.stderr)
    return path
  }

  sudo(command: string): Promise<Outcome> {
    return this.computer.as(this.person, `exec sudo -n ${command}`)
  }

  /** Records while `act` goes on. */
  async record(act: () => Promise<unknown>): Promise<Seen> {
    const facts: RecordingFact[] = []
    const recording = await this.recorder.start(this.person.uid, (fact) => facts.push(fact))
    try {
      await act()
    } finally {
      await recording.stop()
    }
    const ends = new Map(facts.filter((fact) => fact.kind === 'ended').map((fact) => [fact.id, fact]))
    return {
      processes: facts.filter((fact) => fact.kind === 'process'),
      gaps: facts.filter((fact) => fact.kind === 'gap'),
      endOf: (process) => ends.get(process?.id ?? ''),
    }
  }
}
