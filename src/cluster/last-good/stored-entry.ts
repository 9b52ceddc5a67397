/**
 * A kept configuration as bytes: a line of JSON with its metadata, then the compressed content. The line is readable
 * without decompression. revisions/last-good defines the content.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { RemoraError } from '../../errors.ts'
import type { KeptConfiguration, RevisionInputs } from '../../inject/index.ts'
import { isObject, own, parseJson } from '../../json/index.ts'
import {
  digestConfiguration,
  MAX_KEPT_BYTES,
  readKeptInputs,
  writeKeptInputs,
} from '../../revisions/index.ts'

export interface StoredHeader {
  readonly revision: string
  readonly digest: string
  /** SHA-256 of the uncompressed content. */
  readonly contentHash: string
  /** Size of the uncompressed content. */
  readonly contentBytes: number
  readonly configMapUid: string
  readonly keptSince: string
  readonly remoraVersion: string
}

/** The format version; a Remora with another one ignores the entry. */
const FORMAT = 1
const MAX_HEADER_BYTES = 2048

const FORMS: Readonly<Record<Exclude<keyof StoredHeader, 'contentBytes'>, RegExp>> = {
  revision: /^[a-z0-9][-.a-z0-9]{0,252}$/,
  digest: /^[0-9a-f]{16}$/,
  contentHash: /^[0-9a-f]{64}$/,
  configMapUid: /^[-.\w/]{1,128}$/,
  keptSince: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/,
  remoraVersion: /^[-+.\w]{1,64}$/,
}

const compress = promisify(gzip)
const decompress = promisify(gunzip)

export interface EncodedEntry {
  readonly header: StoredHeader
  readonly bytes: Buffer
}

/** @throws RemoraError `kept-configuration-too-large` */
export async function encodeEntry(
  inputs: RevisionInputs,
  { keptSince, remoraVersion }: Pick<StoredHeader, 'keptSince' | 'remoraVersion'>,
): Promise<EncodedEntry> {
  const content = Buffer.from(writeKeptInputs(inputs))
  if (content.length > MAX_KEPT_BYTES) {
    throw new RemoraError(
      'kept-configuration-too-large',
      `revision ${inputs.name}: its configuration takes ${content.length} bytes, and at most ${MAX_KEPT_BYTES} are kept`,
    )
  }
  const header: StoredHeader = {
    revision: inputs.name,
    digest: digestConfiguration(inputs),
    contentHash: hashOf(content),
    contentBytes: content.length,
    configMapUid: inputs.configMapUid ?? '',
    keptSince,
    remoraVersion,
  }
  const line = `${JSON.stringify({ format: FORMAT, ...header })}\n`
  return { header, bytes: Buffer.concat([Buffer.from(line), await compress(content)]) }
}

/** @throws RemoraError `kept-configuration-invalid` */
export function readHeader(bytes: Buffer): StoredHeader {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(0x0a)
  if (end < 0) throw invalid('the first line with the metadata is missing')
  let value: unknown
  try {
    value = parseJson(bytes.toString('utf8', 0, end))
  } catch {
    throw invalid('the first line is not JSON')
  }
  if (!isObject(value)) throw invalid('the first line is not a JSON object')
  if (own(value, 'format') !== FORMAT) throw invalid(`it is not of format ${FORMAT}`)
  const object = value
  const text = (key: keyof typeof FORMS): string => {
    const found = own(object, key)
    if (typeof found !== 'string' || !FORMS[key].test(found)) throw invalid(`${key}: not in Remora's format`)
    return found
  }
  const contentBytes = own(value, 'contentBytes')
  if (typeof contentBytes !== 'number' || !(contentBytes > 0 && contentBytes <= MAX_KEPT_BYTES))
    throw invalid(`contentBytes: expected a number up to ${MAX_KEPT_BYTES}`)
  return {
    revision: text('revision'),
    digest: text('digest'),
    contentHash: text('contentHash'),
    contentBytes,
    configMapUid: text('configMapUid'),
    keptSince: text('keptSince'),
    remoraVersion: text('remoraVersion'),
  }
}

/**
 * Decompresses at most as many bytes as the header says.
 * @throws RemoraError `kept-configuration-invalid`
 */
export async function decodeEntry(bytes: Buffer, place: string): Promise<KeptConfiguration> {
  const header = readHeader(bytes)
  const compressed = bytes.subarray(bytes.indexOf(0x0a) + 1)
  let content: Buffer
  try {
    content = await decompress(compressed, { maxOutputLength: header.contentBytes })
  } catch (cause) {
    throw invalid(`it cannot be decompressed to ${header.contentBytes} bytes`, cause)
  }
  if (hashOf(content) !== header.contentHash) throw invalid('the content does not match its hash')
  const inputs = readKeptInputs(content.toString('utf8'), header)
  if (inputs.name !== header.revision || inputs.configMapUid !== header.configMapUid)
    throw invalid('the content belongs to a different ConfigMap than the first line')
  const { digest, keptSince, remoraVersion } = header
  return { inputs, digest, keptSince, remoraVersion, place }
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function invalid(problem: string, cause?: unknown): RemoraError {
  return new RemoraError('kept-configuration-invalid', problem, { cause })
}
