/**
 * The one table of stable codes: every reason, refusal, fault, note and configuration error that Remora can
 * give, with the HTTP and AdmissionReview answer that belongs to it. `docs/codes.md` documents each row and a
 * test holds both together. It does not own the messages of single outcomes (they name the pod's own values),
 * and no code decides anywhere else which kind of No it is.
 */
import {
  type CodeEntry,
  type CodeKind,
  defect,
  malformed,
  note,
  patched,
  refused,
  skipped,
  tooMany,
  unavailable,
  unserved,
  warning,
} from './code-entry.ts'
import { causeCodes } from './codes-causes.ts'
import { checkCodes } from './codes-check.ts'
import { configCodes } from './codes-config.ts'
import { lastGoodCodes } from './codes-last-good.ts'

export { type CodeEntry, type CodeKind, SEVERITIES, type Severity } from './code-entry.ts'

export const codes = {
  // ---- patched
  injected: patched('The pod was injected.'),
  reinjected: patched('The pod had been injected before; that was undone and it was injected afresh.'),

  // ---- skipped: what is asked about
  'not-create': skipped('Only the creation of a pod is injected; another operation is allowed as it is.'),
  'not-a-pod': skipped('The reviewed object is not a Pod of the core API, so it is allowed as it is.'),

  // ---- skipped: revision choice
  'no-labels': skipped(
    'Neither the namespace nor the pod asks for injection.',
    'Label the namespace `istio-injection: enabled` or `istio.io/rev: <revision or tag>`, or the pod `sidecar.istio.io/inject: "true"`.',
  ),
  'namespace-disabled': skipped(
    'The namespace label `istio-injection` has a value other than `enabled`, which switches injection off whatever else is set.',
    'Set the label to `enabled`, or remove it and use `istio.io/rev`.',
  ),
  'system-namespace': skipped(
    'Pods of Kubernetes system namespaces are never injected.',
    'Run the workload in a namespace of its own.',
  ),
  'pod-opted-out': skipped(
    'The pod label `sidecar.istio.io/inject` is `false`.',
    'Remove the label or set it to `true`.',
  ),
  'pod-value-not-true': skipped(
    'The namespace asks for nothing, and the pod label `sidecar.istio.io/inject` is not exactly `true`.',
    'Write the value as `"true"`.',
  ),
  'revision-not-installed': skipped(
    'The label `istio.io/rev` names a revision or tag that does not exist, so no webhook matches and the pod starts without a sidecar.',
    'Correct the label, or install the revision or tag that it names.',
  ),
  'no-default-revision': skipped(
    'Injection by the default revision is asked for, and there is neither a default revision nor a tag `default`.',
    'Name a revision by `istio.io/rev`, or make one the default (`istioctl tag set default --revision <revision>`).',
  ),

  // ---- skipped: policy
  'host-network': skipped(
    'The pod uses the network of its node, where traffic capture would affect the whole node.',
    'Remove `hostNetwork: true` if the pod is to be part of the mesh.',
  ),
  'inject-annotation-false': skipped(
    'The pod annotation `sidecar.istio.io/inject` switches injection off.',
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
    'Send the review of a CREATE; a DELETE has only an old object.',
  ),
  'pod-invalid': refused(
    'The pod does not decode as a Pod: a field has a value of the wrong type.',
    'Correct the field that the message names.',
  ),
  'annotation-invalid': refused(
    'One or more annotations that steer injection have values that cannot be used.',
    'Correct every annotation that the message names.',
  ),
  'proxy-config-invalid': refused(
    'The annotation `proxy.istio.io/config` is not a valid ProxyConfig.',
    'Correct the annotation as the message says.',
  ),
  'annotations-too-large': refused(
    'The annotations of the pod have more than 256 KiB in all after injection, so the API server would refuse the pod.',
    "Make the annotations smaller, or the settings of the pod's own `istio-proxy`, which are kept in an annotation.",
  ),
  'pod-too-large-to-store': refused(
    'The pod takes more bytes in etcd than etcd accepts in one request, so the API server could not store it. It is refused before it is parsed.',
    "Make the pod smaller. Where etcd's `--max-request-bytes` is higher than 1.5 MiB, set `--etcd-max-request-bytes` to the same value.",
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
    'An injection template did more work or wrote more output than one pod may cost.',
    'Look for a loop over large or self-made lists in the template.',
  ),
  'template-output-invalid': refused(
    'What an injection template wrote is not a Pod in YAML.',
    'Render it with `remora inject` and correct the template.',
  ),
  'overlay-failed': refused(
    'The rendered template could not be merged with the pod.',
    'Correct the template or the pod field that the message names.',
  ),
  'prometheus-scrape-invalid': refused(
    'The pod asks for metrics to be scraped from a port that is not a port, or that belongs to the proxy.',
    'Correct `prometheus.io/port` or `prometheus.istio.io/scrape-targets`.',
  ),

  // ---- fault: may pass. What is missing may have been installed a moment ago, so it counts among these.
  'revision-unknown': unavailable(
    'The path names a revision that is not installed.',
    'Install the revision, or remove the webhook configuration that calls for it; the message lists the known ones.',
  ),
  'tag-unknown': unavailable(
    'The path names a revision tag that does not exist.',
    'Set the tag, or remove the webhook configuration that calls for it; the message lists the known ones.',
  ),
  'tag-target-unknown': unavailable(
    'The revision tag points at a revision that is not installed.',
    'Point the tag at an installed revision; the message lists them.',
  ),
  'revision-waits-for-nodes': unavailable(
    'Whether sidecars of the revision are native depends on the kubelets, and the nodes have not been read yet.',
    'Wait a moment; if it stays, give the service account the right to list and watch nodes.',
  ),
  'not-synced': unavailable(
    'The cluster has not been read completely yet.',
    'Wait until `/readyz` answers 200.',
  ),
  'namespace-not-read': unavailable(
    "The labels of the pod's namespace decide, and it is not known yet: it is too new, or the API server did not show it.",
    'Nothing, if the pod is created when it is tried again; otherwise ask `remora status`.',
  ),
  'shutting-down': unavailable('The server is being stopped and takes no further work.'),
  overloaded: tooMany(
    'More requests are being served than the limits allow.',
    'Add replicas, or raise the limits if memory allows it.',
  ),

  // ---- fault: lasting
  'revision-unusable': unserved(
    'The revision is installed, but its configuration has never been good.',
    'Correct the configuration as the message says; the other revisions go on serving.',
  ),
  'internal-error': defect(
    'Remora met a defect of its own; the log has the details.',
    'Report it with the log line.',
  ),

  // ---- malformed
  'path-unknown': malformed(
    404,
    'NotFound',
    'The path is none of `/inject`, `/revisions/<revision>/inject` and `/tags/<tag>/inject`.',
    'Correct `clientConfig.service.path` or `clientConfig.url` of the webhook.',
  ),
  'method-not-allowed': malformed(405, 'MethodNotAllowed', 'Reviews are posted.', 'Use POST.'),
  'content-type-unsupported': malformed(
    415,
    'UnsupportedMediaType',
    'The body is not declared as JSON.',
    'Send `Content-Type: application/json`.',
  ),
  'body-empty': malformed(400, 'BadRequest', 'The request has no body.', 'Post an AdmissionReview.'),
  'body-too-large': malformed(
    413,
    'RequestEntityTooLarge',
    'The body is larger than the limit.',
    'Raise `--max-body-bytes` if objects of that size are meant.',
  ),
  'body-not-json': malformed(
    400,
    'BadRequest',
    'The body is not JSON; it may have been cut off.',
    'Post an AdmissionReview as the API server encodes it.',
  ),
  'body-too-deep': malformed(
    400,
    'BadRequest',
    'The body nests lists and objects deeper than any Kubernetes object may.',
    'Send a real object; Kubernetes itself stops at 10,000 levels.',
  ),
  'body-too-many-values': malformed(
    413,
    'RequestEntityTooLarge',
    'The body has more lists and objects than a pod that etcd can store: 786,432 where `--etcd-max-request-bytes` is 1.5 MiB.',
    'Send a real object; a stored pod has some hundred.',
  ),
  'review-invalid': malformed(
    400,
    'BadRequest',
    'The body is JSON, but not an AdmissionReview.',
    'Post kind `AdmissionReview` of `admission.k8s.io/v1` or `admission.k8s.io/v1beta1`.',
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
    'Post a review with `request.uid`; `response` is for answers.',
  ),

  // ---- notes
  'path-disagrees-with-labels': note(
    'The revision that was asked for (by the path, or by `--revision`) is not the one that the known labels choose; it counts, for it was just matched or given.',
    'Nothing, if labels were changed a moment ago; otherwise compare the selectors of the webhook configuration with the labels.',
  ),
  'tag-shadows-revision': note(
    'The name belongs to a tag and to a revision; the tag wins.',
    'Rename the tag, or point it at the revision of its name.',
  ),
  'namespace-revision-ignored': warning(
    'The namespace has `istio-injection` too, which wins over its label `istio.io/rev`.',
    'Remove the label `istio-injection` if the revision is meant.',
  ),
  'pod-revision-ignored': warning(
    'The pod label `istio.io/rev` plays no part, because the labels of the namespace decide.',
    'Set the revision on the namespace, or remove its labels `istio-injection` and `istio.io/rev`.',
  ),
  'revision-label-unserved': warning(
    'The label `istio.io/rev` of the namespace or the pod names no revision or tag that is installed.',
    'Correct the label; the message lists the known names.',
  ),
  'revision-in-annotation': warning(
    '`istio.io/rev` is an annotation of the namespace or the pod, where it chooses nothing.',
    'Make it a label.',
  ),
  'annotation-misspelt': warning(
    'An annotation of the pod is not known, but is within two letters of one of the annotations that steer injection.',
    'Correct the name; the message says which one is close. If it is meant as it is, nothing is wrong.',
  ),
  'annotation-deprecated': warning(
    'Istio has deprecated an annotation of the pod, or nothing reads it any more.',
    'Use what the message names, which is there since that release of Istio.',
  ),
  'label-misspelt': warning(
    'A label of the namespace or the pod is not known, but is within two letters of one that chooses injection.',
    'Correct the name; the message says which one is close. If it is meant as it is, nothing is wrong.',
  ),
  'inject-value-invalid': warning(
    'The value of `sidecar.istio.io/inject` is neither `true` nor `false`.',
    'Write `"true"` or `"false"`.',
  ),
  'selector-invalid': note(
    'A selector of the injector configuration cannot be read and was passed over.',
    'Correct `alwaysInjectSelector` or `neverInjectSelector`.',
  ),
  'dns-policy': warning(
    'The DNS policy of the pod is not `ClusterFirst`, so its proxy may be unable to find the control plane.',
    'Use `dnsPolicy: ClusterFirst`.',
  ),
  'namespace-unknown': note(
    'The namespace is not among those that Remora has seen yet; it was taken to have no labels and annotations.',
  ),
  'node-unknown': note(
    'The node that the pod is assigned to is not known; all nodes were looked at instead.',
  ),
  'scrape-targets-ignored': warning(
    'The annotation `prometheus.istio.io/scrape-targets` cannot be read and was passed over.',
    'Write `port:path` pairs separated by commas.',
  ),
  'app-probers-unreadable': warning(
    'The environment variable ISTIO_KUBE_APP_PROBERS of the proxy cannot be read, so the rewritten probes were not added to it.',
    'Remove the variable from the proxy container.',
  ),
  'status-port-unreadable': warning(
    'The annotation `status.sidecar.istio.io/port` is not a number that the rewritten probes can use.',
    'Write a plain decimal port.',
  ),

  // ---- configuration errors, findings of a check, and causes
  ...configCodes,
  ...lastGoodCodes,
  ...checkCodes,
  ...causeCodes,
} as const satisfies { readonly [code: string]: CodeEntry }

export type Code = keyof typeof codes

/** The codes of one kind, so that an outcome of that kind cannot carry another's. */
export type CodeOf<K extends CodeKind> = {
  [C in Code]: (typeof codes)[C]['kind'] extends K ? C : never
}[Code]

export function isCode(code: string): code is Code {
  return Object.hasOwn(codes, code)
}

/** The row of a code; undefined where there is none (an outcome's code is a string on the wire). */
export function describeCode(code: string): CodeEntry | undefined {
  return isCode(code) ? codes[code] : undefined
}
