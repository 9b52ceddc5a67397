/** The signals of a folder cluster, controlled by the test: no poll happens unless the test triggers it. */
import type { FolderSignals } from '../../src/cluster/folder-signals.ts'

interface DueLook {
  readonly delayMs: number
  readonly callback: () => void
}

export class ManualSignals implements FolderSignals {
  /** What each reading of the clock adds to it. */
  stepMs = 0
  watching = false
  #nowMs = 0
  #due: DueLook | undefined
  #onHint = (): void => {}
  #asked = Promise.withResolvers<void>()

  /** How long the cluster wants to wait for its next look; undefined: it wants none. */
  get delayMs(): number | undefined {
    return this.#due?.delayMs
  }

  nowMs(): number {
    this.#nowMs += this.stepMs
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): () => void {
    const due = { delayMs, callback }
    this.#due = due
    this.#asked.resolve()
    return () => {
      if (this.#due === due) this.#due = undefined
    }
  }

  watch(_folder: string, onHint: () => void): () => void {
    this.watching = true
    this.#onHint = onHint
    return () => {
      this.watching = false
    }
  }

  hint(): void {
    this.#onHint()
  }

  /** The time of the next look has come. */
  fire(): void {
    const due = this.#due
    if (due === undefined) throw new Error('the cluster asked for no look')
    this.#due = undefined
    this.#asked = Promise.withResolvers()
    due.callback()
  }

  /** A look ends by asking for the next one. */
  async look(): Promise<void> {
    this.fire()
    await this.nextAsked()
  }

  nextAsked(): Promise<void> {
    return this.#asked.promise
  }
}
