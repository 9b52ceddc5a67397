/**
 * Counts the cost of reviews of two sizes, in a separate process: `count-growth.js SHARE SHARES SMALL LARGE [TEXT]`, for every
 * SHARE-th of SHARES parts of the grown pods whose names have the text. Writes one line of JSON for each. It is bundled with object spread as plain loops, so that
 * copies of maps count. Not a test.
 */
import {
  answerOutcome,
  decodeReview,
  ETCD_MAX_REQUEST_BYTES,
  toInjectionRequest,
} from '../../src/admission/index.ts'
import { exceedsStoredBytes } from '../../src/admission/stored-size.ts'
import { inject } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { countWork, startCounting } from './counted-work.ts'
import { exampleSnapshot } from './example-snapshot.ts'
import { grownAnnotations } from './grown-annotations.ts'
import { type GrownPod, grownPods } from './grown-pods.ts'

export interface Growth {
  readonly name: string
  readonly small: { readonly work: number; readonly bytes: number }
  readonly large: { readonly work: number; readonly bytes: number }
  readonly code: string
}

/** The part of Kubernetes' limit that one annotation may take. */
const MOST_OF_ANNOTATIONS = 240_000

/** What no etcd of that limit could store. */
const REFUSED_UNPARSED: ReadonlySet<string> = new Set(['pod-too-large-to-store', 'body-too-many-values'])

const [share, shares, small, large] = process.argv.slice(2).map(Number) as [number, number, number, number]
const only = process.argv[6] ?? ''
const snapshot = exampleSnapshot()
let code = ''

/** As the server does it: bytes to answer. The scan for the stored size is counted for both sizes, or for none. */
function review(body: Buffer, maxStoredBytes: number): void {
  const decoded = decodeReview(body, 'application/json', { maxStoredBytes })
  if (decoded.kind === 'failure') {
    if (!REFUSED_UNPARSED.has(decoded.code)) throw new Error(decoded.message)
    code = decoded.code
    return
  }
  const target = { by: 'revision', name: 'default' } as const
  const outcome = inject(
    toInjectionRequest(decoded, { target, proxyEnv: new Map(), nowMs: 0, seed: 1 }),
    snapshot,
  )
  answerOutcome(outcome, decoded, { warnings: true })
  code = outcome.code
}

function bodyOf(object: JsonObject): Buffer {
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const request = { uid: 'u', kind, namespace: 'shop', operation: 'CREATE', object }
  return Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }))
}

function measure({ make }: GrownPod, bytes: number): { work: number; bytes: number } {
  const body = bodyOf(make(bytes))
  // A smaller body is not scanned.
  const isRefused = exceedsStoredBytes(body, ETCD_MAX_REQUEST_BYTES)
  return {
    work: countWork(
      () => review(body, isRefused ? ETCD_MAX_REQUEST_BYTES : 0),
      (url) => url === import.meta.url,
    ),
    bytes: body.length,
  }
}

const all = [
  ...grownPods().map((pod) => ({ pod, most: large })),
  ...grownAnnotations().map((pod) => ({
    pod,
    most: pod.stays ? Math.min(large, MOST_OF_ANNOTATIONS) : large,
  })),
]
startCounting()
// What happens once in a process.
review(bodyOf(grownPods()[0]?.make(1000) ?? {}), 0)
for (const { pod, most } of all.filter(({ pod }, i) => i % shares === share && pod.name.includes(only))) {
  const growth: Growth = {
    name: pod.name,
    small: measure(pod, (most * small) / large),
    large: measure(pod, most),
    code,
  }
  console.log(JSON.stringify(growth))
}
