/** All subjects of a cluster, by type. */
import { isObject, type JsonObject } from '../../json/index.ts'
import {
  isFinished,
  listAt,
  metadataOf,
  type ObjectKind,
  objectAt,
  ownerOf,
  textAt,
  titleOfKind,
} from '../../kube/index.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import {
  type CertificateSubject,
  clusterSubject,
  configurationSubject,
  namespaceSubject,
  type PodSubject,
  type Subject,
  type SubjectType,
  type WebhookSubject,
  type WorkloadSubject,
} from './subject.ts'

type Listing = {
  readonly [T in SubjectType]: (facts: ClusterFacts) => readonly Extract<Subject, { type: T }>[]
}

const LISTINGS: Listing = {
  cluster: () => [clusterSubject()],
  configuration: ({ snapshot }) => [...snapshot.revisions.values()].map(configurationSubject),
  webhook: webhooksAmong,
  service: (facts) => named('service', 'Service', facts).map((one) => ({ type: 'service', ...one })),
  certificate: certificatesAmong,
  namespace: ({ snapshot }) => [...snapshot.namespaces].map(([name, found]) => namespaceSubject(name, found)),
  gateway: (facts) => named('gateway', 'Gateway', facts).map((one) => ({ type: 'gateway', ...one })),
  workload: (facts) => facts.workloads(),
  pod: podsAmong,
}

export function subjectsOf<T extends SubjectType>(
  type: T,
  facts: ClusterFacts,
): readonly Extract<Subject, { type: T }>[] {
  return LISTINGS[type](facts)
}

function named(kind: ObjectKind, word: string, facts: ClusterFacts) {
  return (facts.objects(kind) ?? []).map((object) => {
    const { namespace, name } = nameOf(object)
    return { title: `${word} ${namespace}/${name}`, namespace, object }
  })
}

function nameOf(object: JsonObject): { readonly namespace: string; readonly name: string } {
  const metadata = metadataOf(object)
  return { namespace: textAt(metadata, 'namespace') || 'default', name: textAt(metadata, 'name') }
}

function webhooksAmong(facts: ClusterFacts): readonly WebhookSubject[] {
  return (facts.objects('mutatingwebhookconfiguration') ?? []).map((object) => {
    const name = textAt(metadataOf(object), 'name')
    return { type: 'webhook', title: `MutatingWebhookConfiguration ${name}`, name, object }
  })
}

/** The caBundle of each webhook, once where all webhooks of a configuration have the same. */
function certificatesAmong(facts: ClusterFacts): readonly CertificateSubject[] {
  return webhooksAmong(facts).flatMap(({ title, object }) => {
    const bundles = listAt(object, 'webhooks')
      .filter(isObject)
      .map((webhook) => textAt(objectAt(webhook, 'clientConfig'), 'caBundle'))
    return [...new Set(bundles)]
      .filter((bundle) => bundle !== '')
      .map((bundle) => ({
        type: 'certificate',
        title,
        pem: Buffer.from(bundle, 'base64').toString('utf8'),
      }))
  })
}

function podsAmong(facts: ClusterFacts): readonly PodSubject[] {
  const workloads = new Map(facts.workloads().map((workload) => [workload.title.toLowerCase(), workload]))
  return (facts.objects('pod') ?? [])
    .filter((pod) => !isFinished(pod))
    .map((pod) => podSubject(pod, (title) => workloads.get(title)))
}

/** @param workloadOf by its title, in lower case */
export function podSubject(
  object: JsonObject,
  workloadOf: (title: string) => WorkloadSubject | undefined,
): PodSubject {
  const { namespace, name } = nameOf(object)
  const owner = ownerOf(object)
  const title = `Pod ${namespace}/${name}`
  const workload = workloadOf(
    (owner === undefined ? title : `${titleOfKind(owner.of)} ${namespace}/${owner.name}`).toLowerCase(),
  )
  return { type: 'pod', title, namespace, object, workload: workload ?? workloadOf(title.toLowerCase()) }
}
