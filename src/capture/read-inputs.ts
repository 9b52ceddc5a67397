/**
 * Reads inputs for a replay as a stream: captures, AdmissionReviews (one per file, or JSON Lines) and audit logs,
 * plain or gzip, from files and folders. The content determines the kind, not the name of the file.
 */
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { isObject, JsonError, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { CaptureError, type Line, readLine } from './format.ts'

export type Input =
  | { readonly kind: 'file'; readonly source: string }
  | { readonly kind: 'line'; readonly line: Line }
  /** A line with a type that a later Remora added. */
  | { readonly kind: 'unknown' }
  /** A file in a folder with other content. */
  | { readonly kind: 'foreign'; readonly source: string }
  | { readonly kind: 'review'; readonly id: string; readonly review: JsonObject }
  | { readonly kind: 'audit'; readonly id: string; readonly event: JsonObject }

const EXTENSION = /\.(?:json|jsonl|ndjson|log)(?:\.gz)?$/
/** The maximum size of a file that is a single JSON value. */
const MAX_WHOLE = 64 * 2 ** 20

/**
 * @param paths files, and folders whose files with a known extension are read in the order of their names
 * @throws CaptureError `capture-malformed`, `capture-version-unknown`; the file system's own errors
 */
export async function* readInputs(paths: readonly string[]): AsyncGenerator<Input> {
  for (const path of paths) {
    const folder = (await stat(path)).isDirectory()
    const names = folder ? (await readdir(path)).filter((name) => EXTENSION.test(name)).sort() : []
    if (folder && names.length === 0) {
      throw new CaptureError(
        'capture-malformed',
        `${path} has no file that ends in .json, .jsonl, .ndjson or .log (or these with .gz)`,
      )
    }
    for (const file of folder ? names.map((name) => join(path, name)) : [path])
      yield* readInputFile(file, folder)
  }
}

async function* readInputFile(path: string, inFolder: boolean): AsyncGenerator<Input> {
  yield { kind: 'file', source: path }
  const whole = path.endsWith('.json') ? await readWhole(path) : undefined
  if (whole !== undefined) {
    const foreign = inFolder && !isKnown(whole)
    yield foreign ? { kind: 'foreign', source: path } : classify(whole, path, 1)
    return
  }
  const bytes = createReadStream(path)
  const stream = (await isGzip(path)) ? bytes.pipe(createGunzip()) : bytes
  bytes.on('error', (error) => stream.destroy(error))
  let number = 0
  try {
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (text.trim() === '') continue
      yield classify(parseLine(text, path, number), path, number)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new CaptureError('capture-malformed', `${path}: ${error.message}`, { source: path, cause: error })
    throw error
  } finally {
    bytes.destroy()
  }
}

function isKnown(value: JsonValue): boolean {
  if (!isObject(value)) return false
  const kind = own(value, 'kind')
  return kind === 'AdmissionReview' || kind === 'Event' || own(value, 'type') !== undefined
}

/** One JSON value; undefined if the file has several lines of JSON, or is too large for one value. */
async function readWhole(path: string): Promise<JsonValue | undefined> {
  if ((await stat(path)).size > MAX_WHOLE) return undefined
  try {
    return parseJson(await readFile(path, 'utf8'), { maxBytes: MAX_WHOLE })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return undefined
  }
}

function parseLine(text: string, source: string, line: number): JsonValue {
  try {
    return parseJson(text, { maxBytes: MAX_WHOLE })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new CaptureError('capture-malformed', `${source}, line ${line}: ${error.message}`, {
      source,
      line,
      cause: error,
    })
  }
}

function classify(value: JsonValue, source: string, number: number): Input {
  if (isObject(value)) {
    if (own(value, 'kind') === 'AdmissionReview') {
      const request = own(value, 'request')
      const uid = isObject(request) ? own(request, 'uid') : undefined
      return { kind: 'review', id: typeof uid === 'string' ? uid : `${source}:${number}`, review: value }
    }
    if (own(value, 'kind') === 'Event' && String(own(value, 'apiVersion')).startsWith('audit.k8s.io/')) {
      const id = own(value, 'auditID')
      return { kind: 'audit', id: typeof id === 'string' ? id : `${source}:${number}`, event: value }
    }
    if (own(value, 'type') !== undefined) {
      const line = readLine(value, source, number)
      return line === undefined ? { kind: 'unknown' } : { kind: 'line', line }
    }
  }
  throw new CaptureError(
    'capture-malformed',
    `${source}, line ${number}: expected a line of a capture, an AdmissionReview or an audit event`,
    { source, line: number },
  )
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await file.close()
  }
}
