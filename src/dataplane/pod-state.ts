/**
 * The states of a pod in the ledger: a closed union, the causes of `stale` and `missing`, and the order from worst to best.
 * Codes are kebab-case and stable: JSON output, metrics and `--fail-on` use them.
 */
import type { JsonValue } from '../json/index.ts'

/** What a restart would change, in the user's terms. */
export const STALE_CAUSES = {
  revision: 'another revision would inject a new pod',
  'discovery-address': 'the proxy uses a different control plane from that of a new one',
  'proxy-image': 'the image of an injected container differs',
  form: 'the proxy would become a native sidecar or an ordinary container',
  containers: 'an injected container is missing, or is no longer injected',
  resources: 'requests or limits of an injected container differ',
  environment: 'an environment variable of an injected container differs',
  arguments: 'the command or the arguments of an injected container differ',
  volumes: 'a volume or a mount of an injected container differs',
  probes: 'a probe of an injected container, or a rewritten probe of the application, differs',
  lifecycle: 'a lifecycle handler differs',
  ports: 'a port of an injected container differs',
  security: 'a security context that injection writes differs',
  annotations: 'an annotation that injection writes differs',
  labels: 'a label that injection writes differs',
  pod: 'another field of the pod that injection writes differs',
} as const
export type StaleCause = keyof typeof STALE_CAUSES

/** Why a pod that should have a sidecar has none, by the evidence for it. */
export const MISSING_CAUSES = {
  'no-webhook-matches': 'no webhook configuration of the cluster matches the labels of namespace and pod',
  'created-before-webhook': 'the webhook configuration was created after the pod',
  'created-before-label': "the namespace's label was written after the pod was created",
  'opted-out-then':
    'the pod itself opts out; the template that it was made from no longer does, or never did',
  'not-known': 'no evidence of the cause is left; a webhook with failurePolicy Ignore leaves none',
} as const
export type MissingCause = keyof typeof MISSING_CAUSES

/** Why the state of a pod cannot be determined. */
export const UNKNOWN_REASONS = {
  'field-contested':
    'a field that other writers often change differs, and no pod created since the last configuration change shows which writer changed it',
  'next-pod-refused': 'a new pod would be refused, so there is nothing to compare with',
  'configuration-unusable': 'the configuration of the revision does not compile',
  'desired-unknown': 'the configuration that decides what a new pod would get could not be read',
  'template-unknown': 'the template that the pod was made from could not be found or read',
} as const
export type UnknownReason = keyof typeof UNKNOWN_REASONS

/** A difference between what injection states today and what the pod has. */
export interface FieldDifference {
  /** `spec.containers[istio-proxy].env[PROXY_CONFIG].value{concurrency}` */
  readonly path: string
  readonly cause: StaleCause
  /** What injection states today; undefined: nothing. */
  readonly stated: JsonValue | undefined
  /** What the pod has; undefined: nothing. */
  readonly found: JsonValue | undefined
  /** Who else may have written it. `other`: there is evidence; `possible`: this field is often rewritten. */
  readonly writer?: 'other' | 'possible'
}

/** Who delays a workload whose pods are made from an older template. */
export type RolloutWait = 'in-progress' | 'paused' | 'partition' | 'on-delete' | 'deadline-exceeded'

export type PodState =
  | { readonly kind: 'current' }
  | {
      readonly kind: 'stale'
      /** In the order of STALE_CAUSES. */
      readonly causes: readonly StaleCause[]
      readonly fields: readonly FieldDifference[]
    }
  | {
      readonly kind: 'missing'
      readonly cause: MissingCause
      /** A sentence with the values behind the cause; empty if there is none. */
      readonly evidence: string
      readonly certainty: 'certain' | 'likely' | 'not-known'
    }
  /** It has a sidecar that a new pod would not get. @see Outcome.code */
  | { readonly kind: 'unexpected'; readonly code: string }
  /** Its labels request a revision or tag that no control plane serves. */
  | { readonly kind: 'unserved'; readonly code: string; readonly asked: string }
  /** Its control plane is gone. */
  | { readonly kind: 'orphaned'; readonly gone: 'service' | 'injector'; readonly name: string }
  /** It has no sidecar, and none is requested. */
  | { readonly kind: 'outside'; readonly code: string }
  | { readonly kind: 'rolling'; readonly wait: RolloutWait; readonly beneath: PodState }
  | { readonly kind: 'altered'; readonly fields: readonly FieldDifference[] }
  | { readonly kind: 'finished' }
  | {
      readonly kind: 'unknown'
      readonly reason: UnknownReason
      readonly message: string
      readonly fields: readonly FieldDifference[]
    }

export type StateCode = PodState['kind']

/** From the worst to the best. */
export const STATES = {
  missing: 'should have a sidecar and has none',
  orphaned: 'its control plane is gone',
  unserved: 'its labels request a revision or tag that no control plane serves',
  stale: 'a restart would change its sidecar',
  unexpected: 'has a sidecar that a new pod would not get',
  unknown: 'the state cannot be determined; the reason is given',
  rolling: "made from an older template than its workload's, which is being rolled out",
  altered: 'another writer changed a field since injection, and would change it again',
  current: 'has what a new pod would get',
  outside: 'has no sidecar, and none is requested',
  finished: 'has ended, or is being deleted',
} as const satisfies { readonly [code in StateCode]: string }

const ORDER: ReadonlyMap<string, number> = new Map(Object.keys(STATES).map((code, index) => [code, index]))

/** Negative if `a` is worse. */
export function compareStates(a: StateCode, b: StateCode): number {
  return (ORDER.get(a) ?? 0) - (ORDER.get(b) ?? 0)
}

export function isStateCode(word: string): word is StateCode {
  return Object.hasOwn(STATES, word)
}
