/**
 * The recorder. Reviews from the request path go into a bounded queue and are written later, one review per turn of
 * the event loop. Errors never reach an admission: they are counted and reported once.
 */

import { randomBytes } from 'node:crypto'
import type { InjectOptions } from '../inject/index.ts'
import { describeSystemError } from '../system-error.ts'
import { ClusterDescriber } from './describe-cluster.ts'
import { Redactor } from './digest.ts'
import { type CaptureFilter, EVERYTHING, isWanted } from './filter.ts'
import { type CaptureLine, FORMAT_VERSION } from './format.ts'
import { type AnsweredReview, recordReview } from './record-review.ts'
import { SegmentWriter } from './segments.ts'

export interface RecorderOptions {
  readonly folder: string
  readonly maxReviews: number
  readonly maxBytes: number
  readonly raw: boolean
  readonly configurations: 'kept' | 'left-out'
  readonly filter: CaptureFilter
  /** The options of the recorded injections. */
  readonly inject: InjectOptions
  /** Remora's own version. */
  readonly version: string
  /** Why reviews are dropped; reported once until a write succeeds again. The text quotes no review. */
  onProblem(message: string): void
}

export interface RecorderStatus {
  readonly recording: boolean
  readonly folder: string
  readonly raw: boolean
  /** The content of the folder. */
  readonly reviews: number
  readonly bytes: number
  readonly maxReviews: number
  readonly maxBytes: number
  /** Since the start of the process. */
  readonly recorded: number
  readonly dropped: number
  readonly filter: CaptureFilter
  /** The filters that were narrowed at run time. */
  readonly narrowed: CaptureFilter
}

/** Reviews waiting to be written. */
const MAX_QUEUED = 256
const MAX_QUEUED_BYTES = 32 * 2 ** 20

export class Recorder {
  readonly #options: RecorderOptions
  readonly #redactor = new Redactor()
  readonly #describer: ClusterDescriber
  readonly #segments: SegmentWriter
  readonly #series = randomBytes(3).toString('hex')
  readonly #head: string
  readonly #queue: AnsweredReview[] = []
  #queuedBytes = 0
  #pumping: Promise<void> | undefined
  #recording = true
  #closed = false
  #narrowed = EVERYTHING
  #recorded = 0
  #dropped = 0
  #reported = false

  constructor(options: RecorderOptions) {
    this.#options = options
    const { folder, maxReviews, maxBytes, raw, configurations, inject, version } = options
    this.#describer = new ClusterDescriber({ redactor: this.#redactor, raw, configurations, inject })
    this.#segments = new SegmentWriter(folder, this.#series, { maxReviews, maxBytes })
    const head: CaptureLine = {
      type: 'capture',
      version: FORMAT_VERSION,
      remora: version,
      startedAt: new Date().toISOString(),
      redacted: !raw,
      configurations,
    }
    this.#head = JSON.stringify(head)
  }

  /** @throws the file system's own errors if the folder cannot be used */
  async start(): Promise<void> {
    await this.#segments.start()
  }

  /**
   * Called on the request path: never throws, never waits. The caller must not modify the review's bytes afterwards.
   */
  offer(answered: AnsweredReview): void {
    if (!this.#recording || this.#closed) return
    const random = Math.random()
    if (!isWanted(this.#options.filter, answered, random)) return
    if (!isWanted(this.#narrowed, answered, Math.random())) return
    const bytes = answered.body.byteLength
    if (this.#queue.length >= MAX_QUEUED || this.#queuedBytes + bytes > MAX_QUEUED_BYTES) {
      this.#drop('reviews come faster than they are written')
      return
    }
    this.#queue.push(answered)
    this.#queuedBytes += bytes
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined
    })
  }

  /** Whether a review that is offered now may be written. */
  get recording(): boolean {
    return this.#recording && !this.#closed
  }

  get dropped(): number {
    return this.#dropped
  }

  get recorded(): number {
    return this.#recorded
  }

  /** Records only what this filter also matches from now on; it replaces an earlier one. */
  narrow(filter: CaptureFilter): void {
    this.#narrowed = filter
  }

  resume(): void {
    this.#recording = true
  }

  pause(): void {
    this.#recording = false
  }

  status(): RecorderStatus {
    const { folder, raw, maxReviews, maxBytes, filter } = this.#options
    return {
      recording: this.#recording,
      folder,
      raw,
      reviews: this.#segments.reviews,
      bytes: this.#segments.bytes,
      maxReviews,
      maxBytes,
      recorded: this.#recorded,
      dropped: this.#dropped,
      filter,
      narrowed: this.#narrowed,
    }
  }

  /** Writes the queue. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#pumping
    await this.#segments.abandonFile()
  }

  async #pump(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const answered = this.#queue.shift()
      if (answered === undefined) return
      this.#queuedBytes -= answered.body.byteLength
      try {
        await this.#write(answered)
      } catch (error) {
        await this.#segments.abandonFile()
        // The file system's own message. Other messages could quote a review.
        this.#drop(
          error instanceof Error && 'syscall' in error
            ? describeSystemError(error)
            : 'a review could not be described',
        )
      }
    }
  }

  async #write(answered: AnsweredReview): Promise<void> {
    const { raw, inject: options } = this.#options
    const cluster = this.#describer.describe(answered.snapshot)
    const id = `${this.#series}-${this.#recorded + 1}`
    const line = recordReview(answered, { id, cluster, redactor: this.#redactor, raw, options })
    if (line === undefined) return this.#drop('a review could not be described')
    const parts = [...cluster.configurations, cluster]
    if (!(await this.#segments.write(JSON.stringify(line), parts, this.#head)))
      return this.#drop('a review with its configuration is larger than --capture-bytes')
    this.#recorded++
    this.#reported = false
  }

  #drop(why: string): void {
    this.#dropped++
    if (this.#reported) return
    this.#reported = true
    this.#options.onProblem(`a review was not recorded: ${why}`)
  }
}
