import assert from 'node:assert/strict'
import type { OpenRequestView, SessionView, UserStatus } from '@stint/wire/local-user'
import type { Computer } from './computer.ts'
import { guess } from './guess.ts'
import { refusal } from './refused.ts'

/** Somebody who works on a computer without being its administrator. What is refused throws `Refused`. */
export class User {
  readonly name: string
  readonly computer: Computer

  constructor(name: string, computer: Computer) {
    this.name = name
    this.computer = computer
  }

  status(): Promise<UserStatus> {
    return this.#call({ call: 'status' })
  }

  asks(reason = 'Install the printer driver', more: { minutes?: number; offline?: boolean } = {}) {
    return this.#call<OpenRequestView>({ call: 'request', mode: 'session', reason, ...more })
  }

  /** Types an answer, as it was read out. */
  enters(text: string): Promise<SessionView> {
    return this.#call({ call: 'answer', text })
  }

  /** Tries so many answers without knowing one; each must be refused as one that does not fit. */
  async guesses(requestCode: string, times: number): Promise<void> {
    for (let number = 1; number <= times; number++)
      assert.equal(await refusal(this.enters(guess(requestCode, number))), 'bad')
  }

  withdraws(): Promise<{ readonly requestId: string }> {
    return this.#call({ call: 'withdraw' })
  }

  endsSession(): Promise<SessionView> {
    return this.#call({ call: 'end' })
  }

  async lastSession(): Promise<SessionView | undefined> {
    const { sessions } = await this.#call<{ sessions: SessionView[] }>({ call: 'history', limit: 1 })
    return sessions[0]
  }

  /** Would `sudo` work now? The system says so, not the agent. */
  get isAdministrator(): boolean {
    return this.computer.os.canAct(this.uid)
  }

  /** Starts a program with raised rights; the kernel tells the recorder. */
  runs(...argv: readonly string[]): number {
    const { os, recorder, clock } = this.computer
    const { wallMs } = clock.now()
    const pid = os.startElevated(this.uid, argv[0])
    recorder.starts(this.uid, argv, { pid, startedAtMs: wallMs })
    return pid
  }

  signsOut(): void {
    this.computer.os.logOff(this.uid)
  }

  get uid(): number {
    return this.computer.uidOf(this.name)
  }

  #call<T>(call: Readonly<Record<string, unknown>>): Promise<T> {
    return this.computer.call(this.name, call)
  }
}
