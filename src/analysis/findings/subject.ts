/** The subjects of findings. Each is self-contained; cluster-facts.ts has the facts about the rest of the cluster. */
import type { NamespaceFacts, Revision } from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'

export type Subject =
  | ClusterSubject
  | ConfigurationSubject
  | WebhookSubject
  | ServiceSubject
  | CertificateSubject
  | NamespaceSubject
  | GatewaySubject
  | WorkloadSubject
  | PodSubject

export type SubjectType = Subject['type']

/** For problems that concern no single object: missing kinds, and problems of reading. */
export interface ClusterSubject {
  readonly type: 'cluster'
  readonly title: 'the cluster'
}

/** The configuration of one revision. */
export interface ConfigurationSubject {
  readonly type: 'configuration'
  /** `revision canary (istio-system)`. */
  readonly title: string
  readonly revision: Revision
}

/** A configuration of an injection webhook, or of another webhook for pods. */
export interface WebhookSubject {
  readonly type: 'webhook'
  /** `MutatingWebhookConfiguration istio-sidecar-injector`. */
  readonly title: string
  readonly name: string
  readonly object: JsonObject
}

export interface ServiceSubject {
  readonly type: 'service'
  /** `Service istio-system/istiod`. */
  readonly title: string
  readonly namespace: string
  readonly object: JsonObject
}

/** A public certificate, or a bundle of them: the caBundle of a webhook. */
export interface CertificateSubject {
  readonly type: 'certificate'
  readonly title: string
  /** PEM. */
  readonly pem: string
}

export interface NamespaceSubject {
  readonly type: 'namespace'
  /** `Namespace shop`. */
  readonly title: string
  readonly name: string
  readonly facts: NamespaceFacts
}

/** A Gateway of the Gateway API. */
export interface GatewaySubject {
  readonly type: 'gateway'
  readonly title: string
  readonly namespace: string
  readonly object: JsonObject
}

/** Whatever will create pods: an owner with a pod template, or a pod without a known owner. */
export interface WorkloadSubject {
  readonly type: 'workload'
  /** `Deployment shop/web`. */
  readonly title: string
  readonly namespace: string
  /** Whole. */
  readonly object: JsonObject
  /** As its controller would create it. */
  readonly pod: JsonObject
}

/** A running pod; finished ones are not subjects. */
export interface PodSubject {
  readonly type: 'pod'
  /** `Pod shop/web-6d5f9c7b8d-x2x4z`. */
  readonly title: string
  readonly namespace: string
  readonly object: JsonObject
  /** Whose template creates its successor; undefined: not among the objects. */
  readonly workload: WorkloadSubject | undefined
}

export function clusterSubject(): ClusterSubject {
  return { type: 'cluster', title: 'the cluster' }
}

export function configurationSubject(revision: Revision): ConfigurationSubject {
  return { type: 'configuration', title: `revision ${revision.name} (${revision.namespace})`, revision }
}

export function namespaceSubject(name: string, facts: NamespaceFacts): NamespaceSubject {
  return { type: 'namespace', title: `Namespace ${name}`, name, facts }
}
