/** One run of a process. Ends once; nothing that the process does afterwards has an effect, and it answers nobody. */
export class Life {
  #on = true
  readonly #atEnd = new Set<() => void>()

  get on(): boolean {
    return this.#on
  }

  /** Settable, because a disk with the knob `cutAt` ends a life in this way. True starts nothing again. */
  set on(value: boolean) {
    if (!value) this.end()
  }

  end(): void {
    if (!this.#on) return
    this.#on = false
    for (const effect of this.#atEnd) effect()
  }

  onEnd(effect: () => void): void {
    if (this.#on) this.#atEnd.add(effect)
    else effect()
  }

  /** The result of `work`, or `gone` when the process died first. */
  async orGone<T>(work: Promise<T>, gone: () => Error): Promise<T> {
    const death = new Promise<never>((_, reject) => this.onEnd(() => reject(gone())))
    const result = await Promise.race([work, death])
    if (!this.#on) throw gone()
    return result
  }
}
