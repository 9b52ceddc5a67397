/**
 * `npm run bench:large`: CPU time of the main thread for one review of 3 MB in which one list or map has all of it, bytes to
 * answer, in a warm process. The least of a few runs counts: what the machine does beside it makes figures larger, never smaller.
 */
import { fileURLToPath } from 'node:url'
import {
  answerOutcome,
  decodeReview,
  ETCD_MAX_REQUEST_BYTES,
  toInjectionRequest,
} from '../../src/admission/index.ts'
import { inject } from '../../src/inject/index.ts'
import { encodeGoJson, type JsonObject } from '../../src/json/index.ts'
import { snapshotOf } from '../../test/hostile/example-cluster.ts'
import { grownAnnotations } from '../../test/hostile/grown-annotations.ts'
import { grownPods } from '../../test/hostile/grown-pods.ts'
import { orExplain, readArguments, whole } from '../arguments.ts'

const HELP = `npm run bench:large -- [options]
  --bytes N    of the pod, about (default 3000000)
  --rounds N   of each shape; the least counts (default 5)
  --only TEXT  shapes whose name has it
  --all        every list and map of a pod and its annotations, not only those that cost most
  --help`

/** Those that cost most of all (--all). */
const SHAPES = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.finalizers',
  'spec.containers',
  'spec.initContainers',
  'spec.volumes',
  'spec.tolerations',
  'containers[other].env',
  'containers[other].ports',
  'containers[other].resources.limits',
  'containers[istio-proxy].env',
  'containers[istio-proxy].resources.limits',
  'proxy.istio.io/overrides: containers, the pod has other ones',
]

const values = readArguments(HELP, {
  bytes: { type: 'string', default: '3000000' },
  rounds: { type: 'string', default: '5' },
  only: { type: 'string' },
  all: { type: 'boolean', default: false },
})
const [bytes, rounds] = orExplain(() => [whole('bytes', values.bytes, 1), whole('rounds', values.rounds, 1)])
const snapshot = await snapshotOf(
  fileURLToPath(new URL('../../examples/canary-upgrade/cluster', import.meta.url)),
)

function bodyOf(object: JsonObject): Buffer {
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const request = { uid: 'u', kind, namespace: 'shop', operation: 'CREATE', object }
  // As an API server writes it: the keys of maps are sorted.
  return Buffer.from(encodeGoJson({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }))
}

interface Cost {
  readonly code: string
  readonly allMs: number
  readonly decodeMs: number
}

function review(body: Buffer): Cost {
  const before = process.threadCpuUsage()
  const decoded = decodeReview(body, 'application/json', { maxStoredBytes: ETCD_MAX_REQUEST_BYTES })
  const decode = process.threadCpuUsage(before)
  if (decoded.kind === 'failure')
    return { code: decoded.code, allMs: millis(decode), decodeMs: millis(decode) }
  const target = { by: 'revision', name: 'default' } as const
  const outcome = inject(
    toInjectionRequest(decoded, { target, proxyEnv: new Map(), nowMs: 0, seed: 1 }),
    snapshot,
  )
  answerOutcome(outcome, decoded, { warnings: true })
  return { code: outcome.code, allMs: millis(process.threadCpuUsage(before)), decodeMs: millis(decode) }
}

function millis({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

const warm = bodyOf({ metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }] } })
for (let i = 0; i < 300; i++) review(warm)
console.log('    ms  decoding  ms a MB    MB  answer                shape')
for (const { name, make } of [...grownPods(), ...grownAnnotations()]) {
  if (values.only === undefined ? !values.all && !SHAPES.includes(name) : !name.includes(values.only))
    continue
  const body = bodyOf(make(bytes))
  let least = review(body)
  for (let i = 1; i < rounds; i++) {
    const next = review(body)
    if (next.allMs < least.allMs) least = next
  }
  const cells = [
    least.allMs.toFixed(0).padStart(6),
    least.decodeMs.toFixed(0).padStart(9),
    ((least.allMs / body.length) * 1e6).toFixed(0).padStart(8),
    (body.length / 1e6).toFixed(1).padStart(5),
    ` ${least.code.padEnd(20)}`,
    name,
  ]
  console.log(cells.join(' '))
}
