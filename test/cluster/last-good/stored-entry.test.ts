import { gzipSync } from 'node:zlib'
import t from 'tap'
import { decodeEntry, encodeEntry, readHeader } from '../../../src/cluster/last-good/stored-entry.ts'
import type { RevisionInputs } from '../../../src/inject/index.ts'

const inputs: RevisionInputs = {
  name: 'canary',
  namespace: 'istio-system',
  configMapUid: '6f1d6f3e-0000-4000-8000-000000000000',
  version: { major: 1, minor: 30, patch: 3, text: '1.30.3' },
  injectorConfigMap: { name: 'istio-sidecar-injector-canary', config: 'policy: enabled\n', values: '{}' },
  meshConfigMap: { name: 'istio-canary', mesh: undefined },
  environment: new Map([
    ['PILOT_B', 'é'],
    ['__proto__', 'x'],
  ]),
}
const said = { keptSince: '2026-11-29T19:00:00.000Z', remoraVersion: '0.1.0' }
const PLACE = 'Secret remora-system/remora-last-good-0'

const lineOf = (bytes: Buffer): Record<string, unknown> =>
  JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(0x0a)))
/** The same entry with another first line or content. */
function forge(bytes: Buffer, line: object, content?: Buffer): Buffer {
  const rest = content ?? bytes.subarray(bytes.indexOf(0x0a) + 1)
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...lineOf(bytes), ...line })}\n`), rest])
}

t.test('a stored configuration is read back, and its first line describes it', async (t) => {
  const { header, bytes } = await encodeEntry(inputs, said)
  t.match(lineOf(bytes), { format: 1, revision: 'canary', ...said, digest: header.digest })
  t.same(await decodeEntry(bytes, PLACE), { inputs, digest: header.digest, place: PLACE, ...said })
})

t.test('the same inputs have the same hash, whatever the order of the environment', async (t) => {
  const [one, two] = [inputs, { ...inputs, environment: new Map([...inputs.environment].reverse()) }]
  const hashes = await Promise.all(
    [one, two].map(async (of) => (await encodeEntry(of, said)).header.contentHash),
  )
  t.equal(hashes[0], hashes[1])
})

t.test('broken, foreign and oversized entries are refused with the reason', async (t) => {
  const { bytes } = await encodeEntry(inputs, said)
  const other = await encodeEntry({ ...inputs, name: 'stable' }, said)
  const invalid = 'kept-configuration-invalid'
  for (const [entry, message] of [
    [Buffer.alloc(0), /first line with the metadata is missing/],
    [Buffer.alloc(1_000_000, 'x'), /first line with the metadata is missing/],
    [Buffer.from('{"format":\n'), /not JSON/],
    [Buffer.from('[]\n'), /not a JSON object/],
    [forge(bytes, { format: 2 }), /not of format 1/],
    [forge(bytes, { digest: 'x' }), /digest/],
    [forge(bytes, { revision: 'a\u001b[31m' }), /revision/],
    [forge(bytes, { keptSince: 'yesterday' }), /keptSince/],
    [forge(bytes, { contentBytes: 5_000_000 }), /contentBytes: expected a number up to/],
    [forge(bytes, { contentBytes: 10 }), /cannot be decompressed to 10 bytes/],
    [bytes.subarray(0, bytes.length - 20), /cannot be decompressed/],
    [forge(bytes, {}, gzipSync('{}')), /does not match its hash/],
    [forge(bytes, { digest: '0'.repeat(16) }), /the digest of the content is/],
    [forge(bytes, { configMapUid: 'another' }), /belongs to a different ConfigMap/],
    [forge(other.bytes, { revision: 'canary' }), /belongs to a different ConfigMap/],
  ] as const) {
    await t.rejects(decodeEntry(entry, PLACE), { code: invalid, message }, String(message))
  }
})

t.test('a decompression bomb is stopped at the size that it states', async (t) => {
  const { bytes } = await encodeEntry(inputs, said)
  // 64 MiB of spaces in 64 KiB.
  const bomb = forge(bytes, { contentBytes: 4 * 1024 * 1024 }, gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')))
  t.ok(bomb.length < 100_000)
  const before = process.memoryUsage().arrayBuffers
  await t.rejects(decodeEntry(bomb, PLACE), { message: /cannot be decompressed to 4194304 bytes/ })
  t.ok(process.memoryUsage().arrayBuffers - before < 16 * 1024 * 1024)
})

t.test('content with the right hash that is not a configuration is refused', async (t) => {
  const { createHash } = await import('node:crypto')
  const { bytes } = await encodeEntry(inputs, said)
  for (const [content, message] of [
    ['no json', /not JSON/],
    ['[1]', /not a JSON object/],
    ['{"version":"latest"}', /version: expected a release/],
    ['{"version":"1.30.3"}', /injector: expected an object/],
    ['{"version":"1.30.3","injector":{},"mesh":{}}', /name: expected a non-empty string/],
  ] as const) {
    const contentHash = createHash('sha256').update(content).digest('hex')
    const entry = forge(bytes, { contentHash, contentBytes: content.length }, gzipSync(content))
    await t.rejects(decodeEntry(entry, PLACE), { code: 'kept-configuration-invalid', message })
  }
})

t.test('a configuration that is too large is not stored, and reported', async (t) => {
  const config = 'x'.repeat(5_000_000)
  const large = { ...inputs, injectorConfigMap: { ...inputs.injectorConfigMap, config } }
  await t.rejects(encodeEntry(large, said), {
    code: 'kept-configuration-too-large',
    message: /revision canary: its configuration takes 50\d+ bytes, and at most 4194304 are kept/,
  })
})

t.test('the first line is read without decompressing', async (t) => {
  const { bytes } = await encodeEntry(inputs, said)
  t.match(readHeader(forge(bytes, {}, Buffer.from('not compressed'))), { revision: 'canary' })
})
