/** A snapshot from the example cluster, and reviews of its pods. Not a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { decodeReview, parseInjectPath, toInjectionRequest } from '../../src/admission/index.ts'
import { type AnsweredReview, EVERYTHING, Recorder } from '../../src/capture/index.ts'
import { FolderCluster } from '../../src/cluster/index.ts'
import { inject, type Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

export const CLUSTER_FOLDER = exampleWithMistakes()
const REVIEWS = new URL('../../examples/canary-upgrade/reviews/', import.meta.url)

export async function exampleSnapshot(folder = CLUSTER_FOLDER): Promise<Snapshot> {
  const cluster = new FolderCluster({ folder, snapshot: { istiodEnv: [], istioVersions: [] } })
  await cluster.start(new AbortController().signal)
  const snapshot = cluster.snapshot()
  await cluster.close()
  return snapshot
}

/** The embedded cluster's own reviews, as bytes. */
export function exampleReviews(): readonly Buffer[] {
  return readdirSync(REVIEWS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readFileSync(new URL(name, REVIEWS)))
}

export function reviewOf(object: JsonObject, namespace = 'test-ns', more: JsonObject = {}): Buffer {
  const request = {
    uid: '5e0c5b5b-3d0f-4d6e-9f5b-0d3a1d7c1c11',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace,
    operation: 'CREATE',
    object,
    ...more,
  }
  return Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }))
}

/** What the server would hand to the recorder. */
export function answer(body: Buffer, snapshot: Snapshot, rawUrl = '/inject?timeout=10s'): AnsweredReview {
  const path = parseInjectPath(rawUrl)
  const review = decodeReview(body, 'application/json')
  if (path === undefined || review.kind === 'failure') throw new Error('no review')
  const request = toInjectionRequest(review, { ...path, nowMs: 1_790_000_000_000, seed: 7 })
  return { rawUrl, body, snapshot, request, outcome: inject(request, snapshot) }
}

/** Records the answers to these reviews, redacted, into a folder. */
export async function recordInto(
  folder: string,
  bodies: readonly Buffer[],
  onProblem: (message: string) => void,
): Promise<void> {
  const recorder = new Recorder({
    folder,
    maxReviews: 1000,
    maxBytes: 2 ** 26,
    raw: false,
    configurations: 'kept',
    filter: EVERYTHING,
    inject: {},
    version: '0.1.0',
    onProblem,
  })
  const snapshot = await exampleSnapshot()
  await recorder.start()
  for (const body of bodies) recorder.offer(answer(body, snapshot))
  await recorder.close()
}
