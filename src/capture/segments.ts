/**
 * The files of a capture folder. Each file is self-contained. The oldest are removed when there are too many reviews
 * or bytes.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface SegmentBounds {
  readonly maxReviews: number
  readonly maxBytes: number
}

interface Segment {
  readonly path: string
  bytes: number
  reviews: number
}

const FILE = /^capture-[0-9A-Za-z-]+\.jsonl$/
/** A file holds at most this share of the limits, so that removing one removes only a small part. */
const PARTS = 8

export class SegmentWriter {
  readonly #folder: string
  readonly #bounds: SegmentBounds
  readonly #series: string
  #segments: Segment[] = []
  #file: FileHandle | undefined
  #current: Segment | undefined
  #written = new Set<string>()
  #headBytes = 0
  #count = 0

  /** @param series part of the file names after the time, unique per writer */
  constructor(folder: string, series: string, bounds: SegmentBounds) {
    this.#folder = folder
    this.#series = series
    this.#bounds = bounds
  }

  /** Counts the files of earlier runs too. @throws the file system's own errors */
  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of (await readdir(this.#folder)).filter((name) => FILE.test(name)).sort()) {
      const path = join(this.#folder, name)
      this.#segments.push({ path, bytes: (await stat(path)).size, reviews: await countReviews(path) })
    }
    await this.#makeSpace(0)
  }

  get reviews(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.reviews, 0)
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  /**
   * Writes one review, after the lines that it refers to and the file does not have yet.
   * @returns false if it cannot fit
   */
  async write(
    review: string,
    parts: readonly { readonly id: string; readonly text: string }[],
    head: string,
  ): Promise<boolean> {
    if (this.#isFull()) await this.#endFile()
    const fresh = this.#current === undefined
    const missing = fresh ? parts : parts.filter(({ id }) => !this.#written.has(id))
    const texts = [...(fresh ? [head] : []), ...missing.map(({ text }) => text)]
    const before = Buffer.byteLength(texts.map((text) => `${text}\n`).join(''))
    const bytes = before + Buffer.byteLength(review) + 1
    if (!(await this.#makeSpace(bytes))) {
      if (fresh) return false
      await this.#endFile()
      return this.write(review, parts, head)
    }
    const segment = this.#current ?? (await this.#beginFile())
    // Counted first, because a failed write may have written a part.
    segment.bytes += bytes
    await this.#file?.appendFile([...texts, review].map((text) => `${text}\n`).join(''))
    this.#headBytes += before
    for (const { id } of missing) this.#written.add(id)
    segment.reviews++
    await this.#makeSpace(0)
    return true
  }

  async close(): Promise<void> {
    await this.#endFile()
  }

  /** After an error, continues in a new file, because the last line may be incomplete. */
  async abandonFile(): Promise<void> {
    await this.#endFile().catch(() => undefined)
  }

  #isFull(): boolean {
    const { maxReviews, maxBytes } = this.#bounds
    const current = this.#current
    if (current === undefined) return false
    // Configurations are large, so a file with little else would repeat them too often.
    const part = Math.max(maxBytes / PARTS, Math.min(maxBytes / 2, this.#headBytes * 4))
    return current.reviews >= Math.max(1, maxReviews / PARTS) || current.bytes >= part
  }

  /** Removes the oldest files, but not the current one. */
  async #makeSpace(bytes: number): Promise<boolean> {
    const { maxReviews, maxBytes } = this.#bounds
    while (this.bytes + bytes > maxBytes || this.reviews > maxReviews) {
      const oldest = this.#segments[0]
      if (oldest === undefined || oldest === this.#current) return false
      await rm(oldest.path, { force: true })
      this.#segments.shift()
    }
    return true
  }

  async #beginFile(): Promise<Segment> {
    const stamp = new Date().toISOString().replace(/[-:.]/g, '')
    const count = String(this.#count++).padStart(6, '0')
    const path = join(this.#folder, `capture-${stamp}-${count}-${this.#series}.jsonl`)
    this.#file = await open(path, 'ax', 0o600)
    this.#current = { path, bytes: 0, reviews: 0 }
    this.#segments.push(this.#current)
    this.#written = new Set()
    this.#headBytes = 0
    return this.#current
  }

  async #endFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#current = undefined
    await file?.close()
  }
}

async function countReviews(path: string): Promise<number> {
  let count = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.startsWith('{"type":"review"')) count++
  }
  return count
}
