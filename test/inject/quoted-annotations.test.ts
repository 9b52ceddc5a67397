/**
 * No message quotes more than 80 consecutive characters of the pod's text, and none quotes a secret of its proxy
 * configuration.
 */
import t from 'tap'
import { exampleSnapshot, reviewOf } from '../capture/capture-fixture.ts'
import { type Said, withAndWithoutCache } from '../server/with-and-without-cache.ts'

const SEED = Math.floor(Math.random() * 2 ** 31)
const SECRET = 'S3CR3T'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-._/"\\\u001b\u0007\n\u202e \t{}[]:,&*!|>%@`'

/** The same numbers for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const random = randomNumbers(SEED)
const text = (length: number, letters = LETTERS): string =>
  Array.from({ length }, () => letters[random(letters.length)]).join('')

const ANNOTATIONS = [
  ...[
    'interceptionMode',
    'proxyCPU',
    'proxyMemoryLimit',
    'inject',
    'proxyImageType',
    'bootstrapOverride',
  ].map((name) => `sidecar.istio.io/${name}`),
  ...['includeOutboundIPRanges', 'excludeInboundPorts', 'excludeInterfaces', 'kubevirtInterfaces'].map(
    (name) => `traffic.sidecar.istio.io/${name}`,
  ),
  ...['config', 'overrides'].map((name) => `proxy.istio.io/${name}`),
  ...['userVolume', 'userVolumeMount', 'status', 'logLevel'].map((name) => `sidecar.istio.io/${name}`),
  'status.sidecar.istio.io/port',
  'readiness.status.sidecar.istio.io/periodSeconds',
  'inject.istio.io/templates',
  'prometheus.io/port',
  'prometheus.istio.io/merge-metrics',
  'istio.io/rev',
]

/** What a parser gets far into, and what it stops at. */
const SHELLS: readonly ((inner: string) => string)[] = [
  (inner) => inner,
  (inner) => `[${inner}`,
  (inner) => `{"${inner}": "${inner}"}`,
  (inner) => JSON.stringify({ [inner]: [inner] }),
  (inner) => `concurrency: ${inner}`,
  (inner) => `concurrency: ${JSON.stringify(inner)}`,
  (inner) => `a: !!int ${JSON.stringify(inner)}`,
  (inner) => `a: *${inner}`,
  (inner) => `proxyMetadata: {${JSON.stringify(inner)}: [1]}`,
  (inner) => `discoveryAddress: ${JSON.stringify(inner)}`,
  (inner) => `10.0.0.0/${inner}`,
  (inner) => `${inner},${inner}`,
]

/** The texts of an answer that people read, without the patch, which contains the pod. */
function spoken({ body, line }: Said): readonly string[] {
  const { response } = JSON.parse(body)
  return textsOf([response?.status, response?.warnings, response?.auditAnnotations, line])
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().flatMap(textsOf) : []
}

function longestCommon(a: string, b: string): string {
  for (let at = 0; at + 81 <= b.length; at++)
    if (a.includes(b.slice(at, at + 81))) return b.slice(at, at + 81)
  return ''
}

t.test('responses quote no long part of an annotation', async (t) => {
  const answering = withAndWithoutCache(await exampleSnapshot())
  let refused = 0
  const wrong: string[] = []
  for (let round = 0; round < 400; round++) {
    const annotation = ANNOTATIONS[round % ANNOTATIONS.length] ?? ''
    const shell = SHELLS[random(SHELLS.length)] ?? String
    // Text of letters only is quoted unchanged.
    const inner = text(100 + random(900), random(2) === 0 ? LETTERS.slice(0, 38) : LETTERS)
    const value = shell(inner)
    const pod = {
      metadata: { name: 'p', annotations: { [annotation]: value } },
      spec: { containers: [{ name: 'c' }] },
    }
    const { plain } = answering.ask(reviewOf(pod))
    if (plain.body.includes('"allowed":false')) refused++
    for (const said of spoken(plain)) {
      const run = longestCommon(said, value)
      if (run !== '') wrong.push(`${annotation}: ${run}`)
    }
  }
  t.same(wrong, [], `seed ${SEED}`)
  t.ok(refused > 100, `${refused} refused`)
})

t.test('no secret of a proxy configuration is quoted', async (t) => {
  const answering = withAndWithoutCache(await exampleSnapshot())
  const configs = [
    `tracing: {lightstep: {address: "a:1", accessToken: [${SECRET}]}}`,
    `tracing: {lightstep: {address: "nowhere", accessToken: ${SECRET}}}`,
    `tracing: {lightstep: {accessToken: {a: ${SECRET}}}}`,
    `tracing: {lightstep: {address: "a:1", accessToken: !!int "${SECRET}"}}`,
    `tracing: {tlsSettings: {mode: MUTUAL, privateKey: [${SECRET}]}}`,
    `tracing: {tlsSettings: {mode: ${SECRET}1, privateKey: x}}`.replace(SECRET, 'NONE'),
    `tracing: {customTags: {a: {literal: ${SECRET}}}}`,
    `proxyMetadata: {TOKEN: [${SECRET}]}`,
    `proxyMetadata: {TOKEN: ${SECRET}}\nconcurrency: many`,
    `proxyMetadata: ${SECRET}`,
    `proxyMetadata:\n  TOKEN: *${SECRET}`,
    `proxyMetadata:\n  TOKEN: !${SECRET}!x y`,
    `proxyMetadata:\n  TOKEN: !!int ${SECRET}`,
    `proxyMetadata: {TOKEN: "${SECRET}`,
    `runtimeValues: [${SECRET}]`,
    `%YAML ${SECRET}\n---\na: b`,
  ]
  for (const config of configs) {
    const annotations = { 'proxy.istio.io/config': config }
    const pod = { metadata: { name: 'p', annotations }, spec: { containers: [{ name: 'c' }] } }
    const { plain } = answering.ask(reviewOf(pod))
    t.match(plain.body, /"allowed":false/, config)
    t.match(spoken(plain).join(' '), /proxy\.istio\.io\/config/)
    t.notMatch(spoken(plain).join(' '), SECRET, config)
  }
})

t.test('the message of a failed template quotes no long part of an annotation', async (t) => {
  const { cutPodText } = await import('../../src/inject/pod-text.ts')
  const long = 'z'.repeat(50) + 'y'.repeat(100)
  const outcome = {
    kind: 'fault',
    code: 'not-synced',
    message: `error calling fail: ${long} it said`,
    notes: [],
  } as const
  const pod = { metadata: { annotations: { a: `head ${long}!tail` } } }
  const cut = cutPodText(outcome, pod)
  t.match(cut, { message: /^error calling fail: z+y+\.\.\. it said$/ })
  t.equal(longestCommon(JSON.stringify(cut), pod.metadata.annotations.a), '')
  t.equal(cutPodText({ ...outcome, message: 'short' }, pod).notes, outcome.notes)
})
