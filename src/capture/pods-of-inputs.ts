/**
 * Extracts the pods after injection from captures, reviews and audit events, each with a name by which the pods of
 * two sources are matched.
 */
import { inject } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { CaptureError } from './format.ts'
import type { Input } from './read-inputs.ts'
import { SnapshotRebuilder } from './rebuild-snapshot.ts'
import { requestOf } from './record-review.ts'
import { patchedBy } from './replay-review.ts'

export interface NamedPod {
  /** UID of the review. */
  readonly key: string
  /** For display: `shop/web-5d9c-`. */
  readonly name: string
  readonly pod: JsonObject
}

/**
 * For a captured review, the pod that its own configuration produces; for other reviews, the pod after the patch in
 * the response.
 * @throws CaptureError `capture-malformed` if there is no pod after injection
 */
export async function* podsOfInputs(inputs: AsyncIterable<Input>): AsyncGenerator<NamedPod> {
  const rebuilder = new SnapshotRebuilder()
  for await (const input of inputs) {
    if (input.kind === 'file') rebuilder.beginFile()
    if (input.kind === 'audit') {
      const pod = own(input.event, 'responseObject')
      if (isObject(pod) && own(pod, 'kind') === 'Pod') yield { key: input.id, name: nameOfPod(pod, ''), pod }
    }
    if (input.kind === 'review') {
      const pod = podOfReview(input.review, input.id)
      yield { key: input.id, name: nameOfPod(pod, namespaceOf(input.review)), pod }
    }
    if (input.kind !== 'line') continue
    const { line } = input
    if (line.type === 'configuration') rebuilder.addConfiguration(line)
    if (line.type === 'cluster') rebuilder.addCluster(line)
    if (line.type !== 'review') continue
    const cluster = rebuilder.rebuild(line)
    const request = requestOf(line)
    if (cluster === undefined || request === undefined) {
      throw new CaptureError(
        'capture-malformed',
        `review ${line.id}: the capture has no configuration to run it with`,
      )
    }
    const outcome = inject(request, cluster.snapshot, cluster.options)
    const pod = outcome.kind === 'patched' ? outcome.pod : request.object
    yield { key: uidOf(line.review) ?? line.id, name: nameOfPod(pod, request.namespace), pod }
  }
}

function podOfReview(review: JsonObject, id: string): JsonObject {
  const request = own(review, 'request')
  const object = isObject(request) ? own(request, 'object') : undefined
  if (!isObject(object))
    throw new CaptureError(
      'capture-malformed',
      `review ${id} has no request.object, so there is no pod to patch`,
    )
  const response = own(review, 'response')
  const pod = isObject(response) ? patchedBy(response, object) : object
  if (!isObject(pod))
    throw new CaptureError('capture-malformed', `review ${id}: the patch of its response cannot be applied`)
  return pod
}

function uidOf(review: JsonObject): string | undefined {
  const request = own(review, 'request')
  const uid = isObject(request) ? own(request, 'uid') : undefined
  return typeof uid === 'string' ? uid : undefined
}

function namespaceOf(review: JsonObject): string {
  const request = own(review, 'request')
  const namespace = isObject(request) ? own(request, 'namespace') : undefined
  return typeof namespace === 'string' ? namespace : ''
}

export function nameOfPod(pod: JsonObject, namespace: string): string {
  const metadata = own(pod, 'metadata')
  const meta = isObject(metadata) ? metadata : {}
  const name = own(meta, 'name') ?? own(meta, 'generateName') ?? ''
  return `${namespace || String(own(meta, 'namespace') ?? '')}/${String(name)}`
}
