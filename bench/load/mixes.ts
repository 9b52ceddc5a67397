/**
 * The mixes of the benchmark: sequences of reviews, made from the reviews of bodies.ts by opening gaps in their text
 * (fill.ts). Everything else stays the same, including whitespace.
 */
import { gap, type Template } from './fill.ts'

export interface Mix extends Template {
  readonly name: string
  /** For the table's legend. */
  readonly what: string
}

/** Reviews by name, as bodies.ts finds them. */
export type Reviews = ReadonlyMap<string, string>

export function makeMixes(reviews: Reviews): readonly Mix[] {
  const of = (name: string): string => {
    const text = reviews.get(name)
    if (text === undefined) throw new Error(`no review is called ${name}`)
    return text
  }
  const typical = of('typical')
  const one = (name: string, what: string, text: string): Mix => ({ name, what, text, workloads: 1 })
  return [
    one('typical', 'the same bytes every time', typical),
    one('one-workload', 'pods of one Deployment: uid and token volume differ', openPod(typical)),
    one(
      'managed-fields',
      'the same with metadata.managedFields with increasing times',
      openPod(withManagedFields(typical)),
    ),
    {
      name: 'thousand',
      what: '1,000 workloads in turn',
      text: openWorkload(openPod(typical)),
      workloads: 1000,
    },
    {
      name: 'unseen',
      what: 'every pod belongs to a new workload',
      text: openWorkload(openPod(typical)),
      workloads: 0,
    },
    one(
      'skipped',
      'label sidecar.istio.io/inject: "false"; uid and token volume differ',
      openPod(of('skipped')),
    ),
    one('rich', 'several containers, probes, 30 env; uid and token volume differ', openPod(of('rich'))),
    one('env-2000', '2,000 environment variables; uid and token volume differ', openPod(of('env-2000'))),
  ]
}

interface NamedObject {
  readonly name: string
}

/** The fields of a review that are read; the benchmark creates or knows all of its reviews. */
export interface Review {
  readonly request: {
    readonly uid: string
    readonly object: {
      readonly metadata: {
        readonly generateName: string
        readonly labels: Readonly<Record<string, string>>
        readonly ownerReferences: readonly { readonly name: string; readonly uid: string }[]
      }
      readonly spec: {
        readonly volumes: readonly NamedObject[]
        readonly containers: readonly { readonly name: string; readonly image: string }[]
      }
    }
  }
}

/** The differences between pods of one Deployment when a webhook sees them; the name is generated after admission. */
export function openPod(text: string): string {
  const { request } = JSON.parse(text) as Review
  const prefix = 'kube-api-access-'
  const token = request.object.spec.volumes.find(({ name }) => name.startsWith(prefix))
  if (token === undefined) throw new Error('the review has no token volume')
  return replaceTexts(text, [
    [request.uid, gap('UID')],
    [token.name, prefix + gap('TOKEN')],
  ])
}

/** The differences between Deployments: names, labels, images, and with them the ReplicaSet's hash and uid. */
function openWorkload(text: string): string {
  const { metadata, spec } = (JSON.parse(text) as Review).request.object
  const { app = '', 'pod-template-hash': hash = '' } = metadata.labels
  const name = `${app}-${gap('WORKLOAD')}`
  const images = spec.containers.map(({ image }) => image)
  return replaceTexts(text, [
    [app, name],
    [hash, gap('WORKLOAD')],
    [`${app}-${hash}`, `${name}-${gap('WORKLOAD')}`],
    [metadata.generateName, `${name}-${gap('WORKLOAD')}-`],
    ...metadata.ownerReferences.map(({ uid }) => [uid, gap('WORKLOAD') + uid.slice(8)] as const),
    ...images.map((image) => [image, image.replace(':', `-${gap('WORKLOAD')}:`)] as const),
  ])
}

/** Whole JSON strings, wherever they occur. */
function replaceTexts(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce(
    (changed, [from, to]) => changed.replaceAll(JSON.stringify(from), () => JSON.stringify(to)),
    text,
  )
}

/** As kube-controller-manager writes it for a pod of a ReplicaSet; the corpus' reviews have none. */
function withManagedFields(text: string): string {
  const review = JSON.parse(text) as Review
  const { metadata } = review.request.object
  const labels = Object.keys(metadata.labels).map((key) => [`f:${key}`, {}])
  const owners = metadata.ownerReferences.map(({ uid }) => [`k:{"uid":"${uid}"}`, {}])
  const containers = review.request.object.spec.containers.map(({ name }) => [
    `k:{"name":"${name}"}`,
    { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:ports': {}, 'f:resources': {} },
  ])
  const fields = {
    'f:metadata': {
      'f:generateName': {},
      'f:labels': { '.': {}, ...Object.fromEntries(labels) },
      'f:ownerReferences': { '.': {}, ...Object.fromEntries(owners) },
    },
    'f:spec': {
      'f:containers': Object.fromEntries(containers),
      'f:dnsPolicy': {},
      'f:enableServiceLinks': {},
      'f:restartPolicy': {},
      'f:schedulerName': {},
      'f:securityContext': {},
      'f:terminationGracePeriodSeconds': {},
    },
  }
  const entry = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: 'v1',
    time: gap('TIME'),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  }
  const object = { ...review.request.object, metadata: { ...metadata, managedFields: [entry] } }
  return JSON.stringify({ ...review, request: { ...review.request, object } })
}
