/**
 * The table of stable codes: every reason, refusal, error, note and configuration error of Remora, with its HTTP and
 * AdmissionReview answer. docs/codes.md is generated from it. Only this table decides which kind of outcome a code is;
 * messages with the values of a pod are written where the outcome is.
 */
import {
  type CodeEntry,
  type CodeKind,
  defect,
  malformed,
  patched,
  refused,
  skipped,
  tooMany,
  unavailable,
  unserved,
} from './code-entry.ts'
import { causeCodes } from './codes-causes.ts'
import { checkCodes } from './codes-check.ts'
import { clusterCheckCodes } from './codes-check-cluster.ts'
import { coreCheckCodes } from './codes-check-core.ts'
import { podCheckCodes } from './codes-check-pods.ts'
import { configCodes } from './codes-config.ts'
import { lastGoodCodes } from './codes-last-good.ts'
import { noteCodes } from './codes-notes.ts'
import { rolloutCodes } from './codes-rollout.ts'

export { type CodeEntry, type CodeKind, SEVERITIES, type Severity } from './code-entry.ts'

export const codes = {
  // ---- patched
  injected: patched('The pod was injected.'),
  reinjected: patched(
    'The pod was already injected. The earlier injection was undone, and the pod was injected again.',
  ),

  // ---- skipped: operation and object
  'not-create': skipped('Only the creation of pods is injected. Other operations are allowed unchanged.'),
  'not-a-pod': skipped('The object is not a Pod of the core API, so it is allowed unchanged.'),

  // ---- skipped: choice of the revision
  'no-labels': skipped(
    'Neither the namespace nor the pod asks for injection.',
    'Label the namespace `istio-injection: enabled` or `istio.io/rev: <revision or tag>`, or the pod `sidecar.istio.io/inject: "true"`.',
  ),
  'namespace-disabled': skipped(
    'The namespace label `istio-injection` has a value other than `enabled`, which disables injection regardless of other labels.',
    'Set the label to `enabled`, or remove it and use `istio.io/rev`.',
  ),
  'system-namespace': skipped(
    'Pods of Kubernetes system namespaces are never injected.',
    'Run the workload in another namespace.',
  ),
  'pod-opted-out': skipped(
    'The pod label `sidecar.istio.io/inject` is `false`.',
    'Remove the label or set it to `true`.',
  ),
  'pod-value-not-true': skipped(
    'The namespace does not ask for injection, and the pod label `sidecar.istio.io/inject` is not exactly `true`.',
    'Set the label to `"true"`.',
  ),
  'revision-not-installed': skipped(
    'The label `istio.io/rev` names a revision or tag that does not exist, so no webhook matches and the pod starts without a sidecar.',
    'Correct the label, or install the revision or tag that it names.',
  ),
  'no-default-revision': skipped(
    'The labels ask for the default revision, but there is neither a default revision nor a tag `default`.',
    'Set `istio.io/rev` to a revision, or make one the default (`istioctl tag set default --revision <revision>`).',
  ),

  // ---- skipped: policy
  'host-network': skipped(
    'The pod uses the network of its node, where traffic capture would affect the whole node.',
    'Remove `hostNetwork: true` if the pod should be part of the mesh.',
  ),
  'inject-annotation-false': skipped(
    'The pod annotation `sidecar.istio.io/inject` disables injection.',
    'Remove the annotation, or set the label of that name to `true`.',
  ),
  'never-inject-selector': skipped(
    'The pod matches `neverInjectSelector` of the injector configuration.',
    'Change the pod labels or the selector, or set the label `sidecar.istio.io/inject: "true"`.',
  ),
  'policy-disabled': skipped(
    'The injector configuration has `policy: disabled`, and the pod does not ask for injection.',
    'Set the pod label `sidecar.istio.io/inject: "true"`.',
  ),

  // ---- refused
  'object-missing': refused(
    'The review has no object, so there is no pod to inject.',
    'Send the review of a CREATE. A DELETE has only an old object.',
  ),
  'pod-invalid': refused(
    'The pod does not decode as a Pod: a field has a value of the wrong type.',
    'Correct the field that the message names.',
  ),
  'annotation-invalid': refused(
    'One or more annotations that configure injection have invalid values.',
    'Correct every annotation that the message names.',
  ),
  'proxy-config-invalid': refused(
    'The annotation `proxy.istio.io/config` is not a valid ProxyConfig.',
    'Correct the annotation as the message says.',
  ),
  'annotations-too-large': refused(
    'The annotations of the pod exceed 256 KiB in total after injection, so the API server would refuse the pod.',
    "Shorten the annotations, or the settings of the pod's own `istio-proxy` container, which are stored in an annotation.",
  ),
  'pod-too-large-to-store': refused(
    'The pod exceeds the request limit of etcd, so the API server could not store it. It is refused before it is parsed.',
    "Make the pod smaller. If etcd's `--max-request-bytes` is higher than 1.5 MiB, set `--etcd-max-request-bytes` to the same value; if the API server stores objects elsewhere, such as in a database through kine, set it to 0.",
  ),
  'overrides-invalid': refused(
    'The annotation `proxy.istio.io/overrides` of an earlier injection cannot be read.',
    'Remove the annotations `proxy.istio.io/overrides` and `sidecar.istio.io/status` from the pod template.',
  ),
  'template-not-found': refused(
    'The pod asks for an injection template that the injector configuration does not have.',
    'Correct `inject.istio.io/templates`, or add the template to the configuration.',
  ),
  'template-failed': refused(
    'An injection template failed while it was executed for this pod.',
    'Correct what the message names: the template line, or the pod value that it reads.',
  ),
  'template-budget': refused(
    'An injection template exceeded the limits on work or output per pod.',
    'Look for a loop over a large or generated list in the template.',
  ),
  'template-output-invalid': refused(
    'The output of an injection template is not a Pod in YAML.',
    'Correct the value or the template line that the message names.',
  ),
  'overlay-failed': refused(
    'The rendered template could not be merged with the pod.',
    'Correct the template or the pod field that the message names.',
  ),
  'prometheus-scrape-invalid': refused(
    'The pod configures metrics scraping on an invalid port, or on a port of the proxy.',
    'Correct `prometheus.io/port` or `prometheus.istio.io/scrape-targets`.',
  ),

  // ---- fault: temporary. A missing revision or tag may have been installed a moment ago.
  'revision-unknown': unavailable(
    'The path names a revision that is not installed.',
    'Install the revision, or remove the webhook configuration that names it. The message lists the known revisions.',
  ),
  'tag-unknown': unavailable(
    'The path names a revision tag that does not exist.',
    'Set the tag, or remove the webhook configuration that names it. The message lists the known tags.',
  ),
  'tag-target-unknown': unavailable(
    'The revision tag points to a revision that is not installed.',
    'Point the tag to an installed revision. The message lists them.',
  ),
  'revision-waits-for-nodes': unavailable(
    'Whether the revision uses native sidecars depends on the kubelet versions, and the nodes have not been read yet.',
    'Wait a moment. If the problem persists, allow the service account to list and watch nodes.',
  ),
  'not-synced': unavailable(
    'The cluster has not been read completely yet.',
    'Wait until `/readyz` returns 200.',
  ),
  'namespace-not-read': unavailable(
    "The labels of the pod's namespace decide, but the namespace is not known yet: it is very new, or the API server did not return it.",
    'If a retry creates the pod, do nothing. Otherwise run `remora status`.',
  ),
  'shutting-down': unavailable('The server is shutting down and accepts no more requests.'),
  overloaded: tooMany(
    'The server has reached its limits for concurrent requests.',
    'Add replicas, or raise the limits if memory allows it.',
  ),

  // ---- fault: permanent
  'revision-unusable': unserved(
    'The revision is installed, but its configuration has never been valid.',
    'Correct the configuration as the message says. Other revisions are not affected.',
  ),
  'internal-error': defect(
    'An internal error of Remora occurred. The log has the details.',
    'Report a bug with the log line.',
  ),

  // ---- malformed
  'path-unknown': malformed(
    404,
    'NotFound',
    'The path is not `/inject`, `/revisions/<revision>/inject` or `/tags/<tag>/inject`.',
    'Correct `clientConfig.service.path` or `clientConfig.url` of the webhook.',
  ),
  'method-not-allowed': malformed(405, 'MethodNotAllowed', 'The HTTP method is not POST.', 'Use POST.'),
  'content-type-unsupported': malformed(
    415,
    'UnsupportedMediaType',
    'The content type of the request is not JSON.',
    'Send `Content-Type: application/json`.',
  ),
  'body-empty': malformed(400, 'BadRequest', 'The request has no body.', 'Post an AdmissionReview.'),
  'body-too-large': malformed(
    413,
    'RequestEntityTooLarge',
    'The body is larger than the limit.',
    'Raise `--max-body-bytes` if objects of this size are expected.',
  ),
  'body-not-json': malformed(
    400,
    'BadRequest',
    'The body is not valid JSON. It may be truncated.',
    'Post an AdmissionReview as the API server encodes it.',
  ),
  'body-too-deep': malformed(
    400,
    'BadRequest',
    'The body nests lists and objects more than 500 levels deep.',
    'Send a real object. No Kubernetes object is nearly that deep.',
  ),
  'body-too-many-values': malformed(
    413,
    'RequestEntityTooLarge',
    'The body has more lists and objects than a pod that fits into etcd can have: 786,432 if `--etcd-max-request-bytes` is 1.5 MiB.',
    'Send a real object. Real pods have a few hundred.',
  ),
  'review-invalid': malformed(
    400,
    'BadRequest',
    'The body is JSON, but not an AdmissionReview.',
    'Post an `AdmissionReview` of `admission.k8s.io/v1` or `admission.k8s.io/v1beta1`.',
  ),
  'review-version-unsupported': malformed(
    400,
    'BadRequest',
    'The AdmissionReview has a version other than v1 and v1beta1.',
    'Set `admissionReviewVersions: [v1, v1beta1]` in the webhook.',
  ),
  'request-missing': malformed(
    400,
    'BadRequest',
    'The AdmissionReview has no request, or its request has no UID.',
    'Post a review with `request.uid`. Only responses have the field `response`.',
  ),

  ...noteCodes,
  ...rolloutCodes,

  // ---- configuration errors, findings of a check, and causes
  ...configCodes,
  ...lastGoodCodes,
  ...checkCodes,
  ...clusterCheckCodes,
  ...coreCheckCodes,
  ...podCheckCodes,
  ...causeCodes,
} as const satisfies { readonly [code: string]: CodeEntry }

export type Code = keyof typeof codes

/** The codes of one kind. */
export type CodeOf<K extends CodeKind> = {
  [C in Code]: (typeof codes)[C]['kind'] extends K ? C : never
}[Code]

export function isCode(code: string): code is Code {
  return Object.hasOwn(codes, code)
}

/** The row of a code, if there is one. */
export function describeCode(code: string): CodeEntry | undefined {
  return isCode(code) ? codes[code] : undefined
}
