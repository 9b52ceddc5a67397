/**
 * Writes a folder of recorded cases (test/recorded/README.md), compressed with brotli while they arrive. `meta.json`
 * is written last. A folder without it is ignored, so an interrupted recording is never taken for a complete one.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { brotliCompressSync, constants, createBrotliCompress } from 'node:zlib'
import type { JsonObject } from '../json/index.ts'
import { CaptureError } from './format.ts'

const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    // Cases are similar to each other, and the largest window covers several thousand of them.
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  },
}

export interface CaseFolderFacts {
  readonly istioVersion: string
  /** The name of the configuration, which the cases refer to. */
  readonly config: string
  readonly texts: JsonObject
}

export class CaseFolder {
  readonly #folder: string
  readonly #compress = createBrotliCompress(BROTLI)
  readonly #written: Promise<void>
  count = 0

  private constructor(folder: string) {
    this.#folder = folder
    this.#written = pipeline(
      this.#compress,
      createWriteStream(join(folder, 'cases.jsonl.br'), { flags: 'wx' }),
    )
    // The next write or `finish` reports the error; until then it must not end the process.
    this.#written.catch(() => undefined)
  }

  /** @throws CaptureError `capture-folder-not-empty`; the file system's own errors */
  static async create(folder: string): Promise<CaseFolder> {
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length > 0)
      throw new CaptureError(
        'capture-folder-not-empty',
        `${folder} is not empty; give --record a folder that is new or empty`,
        { source: folder },
      )
    return new CaseFolder(folder)
  }

  /** @param recorded without `id`, which is assigned here */
  async add(recorded: JsonObject): Promise<void> {
    this.count++
    const id = `recorded/${String(this.count).padStart(4, '0')}`
    if (this.#compress.write(`${JSON.stringify({ id, ...recorded })}\n`)) return
    await Promise.race([new Promise((resolve) => this.#compress.once('drain', resolve)), this.#written])
  }

  async finish({ istioVersion, config, texts }: CaseFolderFacts): Promise<void> {
    this.#compress.end()
    await this.#written
    await mkdir(join(this.#folder, 'configs'))
    const compressed = brotliCompressSync(JSON.stringify(texts), BROTLI)
    await writeFile(join(this.#folder, 'configs', `${config}.json.br`), compressed)
    const meta = `{ "kind": "istio-injection", "istioVersion": ${JSON.stringify(istioVersion)} }\n`
    await writeFile(join(this.#folder, 'meta.json'), meta)
  }

  /** Leaves the folder without meta.json. */
  abandon(): void {
    this.#compress.destroy()
  }
}
