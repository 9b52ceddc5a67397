/** AdmissionReviews for the fuzz targets. Not a test. */
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import type { Random } from './random.ts'

export const PATHS = [
  '/inject',
  '/inject',
  '/revisions/canary/inject',
  '/tags/prod/inject',
  '/inject/cluster/c1',
]

const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => '0123456789abcdef'[random.below(16)]).join('')

const TOKEN_NAME = /kube-api-access-[a-z0-9]{5}/g

/** A review of the pod; everything that differs between two pods of one workload is drawn. */
export function reviewOf(pod: JsonObject, random: Random, namespace: string): string {
  const metadata = own(pod, 'metadata')
  const named = isObject(metadata) ? own(metadata, 'name') : undefined
  const request = {
    uid: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    ...(typeof named === 'string' ? { name: named } : {}),
    namespace,
    operation: 'CREATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
    object: pod,
    oldObject: null,
    dryRun: false,
  }
  const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request }
  return JSON.stringify(review).replace(TOKEN_NAME, `kube-api-access-${hex(random, 5)}`)
}
