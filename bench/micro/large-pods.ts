/**
 * `npm run bench:large`: CPU time of the main thread, in a warm process, for one review in which one list or map
 * takes all the size: in total, and for its longest step, which blocks the event loop. The pod has 3 MB, or is the
 * largest that is not refused before it is parsed. The lowest of a few runs is used, because other load of the
 * machine only makes figures larger.
 */
import { fileURLToPath } from 'node:url'
import {
  answerOutcome,
  decodeReview,
  ETCD_MAX_REQUEST_BYTES,
  toInjectionRequest,
} from '../../src/admission/index.ts'
import { exceedsStoredBytes } from '../../src/admission/stored-size.ts'
import { injectInSteps } from '../../src/inject/index.ts'
import { encodeGoJson, type JsonObject } from '../../src/json/index.ts'
import type { Steps } from '../../src/steps.ts'
import { snapshotOf } from '../../test/hostile/example-cluster.ts'
import { grownAnnotations } from '../../test/hostile/grown-annotations.ts'
import { grownPods } from '../../test/hostile/grown-pods.ts'
import { orExplain, readArguments, whole } from '../arguments.ts'

const HELP = `npm run bench:large -- [options]
  --bytes N    of the pod, about (default 3000000); a pod that would be refused before it is parsed is as large as may be
  --rounds N   of each kind; the least counts (default 5)
  --only TEXT  kinds whose name contains it
  --refused    of that size also where the pod is refused before it is parsed
  --all        every list and map of a pod and its annotations, not only those that cost most
  --help`

/** Those that cost most of all (--all). */
const KINDS = [
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
  refused: { type: 'boolean', default: false },
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
  /** The longest of the steps that each have a turn of the event loop. */
  readonly longestMs: number
}

/** As the server does it (src/server/review-handler.ts). */
function* steps(body: Buffer): Steps<string> {
  const decoded = decodeReview(body, 'application/json', { maxStoredBytes: ETCD_MAX_REQUEST_BYTES })
  if (decoded.kind === 'failure') return decoded.code
  yield
  const target = { by: 'revision', name: 'default' } as const
  const request = toInjectionRequest(decoded, { target, proxyEnv: new Map(), nowMs: 0, seed: 1 })
  const outcome = yield* injectInSteps(request, snapshot)
  yield
  answerOutcome(outcome, decoded, { warnings: true })
  return outcome.code
}

function review(body: Buffer): Cost {
  const taken = steps(body)
  const times: number[] = []
  for (;;) {
    const before = process.threadCpuUsage()
    const step = taken.next()
    times.push(millis(process.threadCpuUsage(before)))
    if (step.done !== true) continue
    const allMs = times.reduce((sum, ms) => sum + ms, 0)
    return { code: step.value, allMs, decodeMs: times[0] ?? 0, longestMs: Math.max(...times) }
  }
}

function millis({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000
}

/** Bytes of the largest pod that is parsed, up to the wanted size. */
function largest(make: (bytes: number) => JsonObject): number {
  const isParsed = (size: number): boolean => !exceedsStoredBytes(bodyOf(make(size)), ETCD_MAX_REQUEST_BYTES)
  if (values.refused || isParsed(bytes)) return bytes
  let [parsed, refused] = [0, bytes]
  while (refused - parsed > 5_000) {
    const middle = Math.floor((parsed + refused) / 2)
    if (isParsed(middle)) parsed = middle
    else refused = middle
  }
  return parsed
}

const warm = bodyOf({ metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a' }] } })
for (let i = 0; i < 300; i++) review(warm)
console.log('    ms  decoding  longest step  ms a MB    MB  answer                 kind')
for (const { name, make } of [...grownPods(), ...grownAnnotations()]) {
  if (values.only === undefined ? !values.all && !KINDS.includes(name) : !name.includes(values.only)) continue
  const body = bodyOf(make(largest(make)))
  let least = review(body)
  for (let i = 1; i < rounds; i++) {
    const next = review(body)
    least = {
      ...(next.allMs < least.allMs ? next : least),
      longestMs: Math.min(next.longestMs, least.longestMs),
    }
  }
  const cells = [
    least.allMs.toFixed(0).padStart(6),
    least.decodeMs.toFixed(0).padStart(9),
    least.longestMs.toFixed(0).padStart(13),
    ((least.allMs / body.length) * 1e6).toFixed(0).padStart(8),
    (body.length / 1e6).toFixed(1).padStart(5),
    ` ${least.code.padEnd(22)}`,
    name,
  ]
  console.log(cells.join(' '))
}
