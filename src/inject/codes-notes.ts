/** Codes of notes and warnings, which accompany an outcome and never change it. Part of the table in codes.ts. */
import { note, warning } from './code-entry.ts'

export const noteCodes = {
  'path-disagrees-with-labels': note(
    'The requested revision (in the path, or by `--revision`) is not the one that the known labels select. The requested revision is used, because the API server has just matched it or the user named it.',
    'If labels were changed a moment ago, do nothing. Otherwise compare the selectors of the webhook configuration with the labels.',
  ),
  'tag-shadows-revision': note(
    'The name is both a tag and a revision. The tag takes precedence.',
    'Rename the tag, or point it to the revision of the same name.',
  ),
  'namespace-revision-ignored': warning(
    'The namespace also has the label `istio-injection`, which takes precedence over `istio.io/rev`.',
    'Remove the label `istio-injection` to use the revision.',
  ),
  'pod-revision-ignored': warning(
    'The pod label `istio.io/rev` is ignored, because the labels of the namespace take precedence.',
    'Set the revision on the namespace, or remove its labels `istio-injection` and `istio.io/rev`.',
  ),
  'revision-label-unserved': warning(
    'The label `istio.io/rev` of the namespace or the pod names no revision or tag that is installed.',
    'Correct the label. The message lists the known names.',
  ),
  'revision-in-annotation': warning(
    '`istio.io/rev` is set as an annotation of the namespace or the pod, where it has no effect.',
    'Set it as a label.',
  ),
  'annotation-misspelt': warning(
    'An annotation of the pod is unknown, and its name differs by at most two letters from an annotation that configures injection.',
    'Correct the name; the message suggests one. If the name is intended, ignore the warning.',
  ),
  'annotation-deprecated': warning(
    'Istio has deprecated an annotation of the pod, or nothing reads it any more.',
    'Use the replacement that the message names, which exists since that Istio release.',
  ),
  'label-misspelt': warning(
    'A label of the namespace or the pod is unknown, and its name differs by at most two letters from a label that configures injection.',
    'Correct the name; the message suggests one. If the name is intended, ignore the warning.',
  ),
  'inject-value-invalid': warning(
    'The value of `sidecar.istio.io/inject` is neither `true` nor `false`.',
    'Set it to `"true"` or `"false"`.',
  ),
  'selector-invalid': note(
    'A selector of the injector configuration is invalid and was ignored.',
    'Correct `alwaysInjectSelector` or `neverInjectSelector`.',
  ),
  'dns-policy': warning(
    'The DNS policy of the pod is not `ClusterFirst`, so its proxy may be unable to find the control plane.',
    'Use `dnsPolicy: ClusterFirst`.',
  ),
  'namespace-unknown': note(
    'The namespace is not known yet. It was treated as a namespace without labels and annotations.',
  ),
  'node-unknown': note('The node of the pod is not known. All nodes were considered instead.'),
  'remote-cluster-nodes-unknown': note(
    'The path of the webhook names another cluster. Its nodes are not known, so native sidecars are not used unless the pod asks for one.',
  ),
  'scrape-targets-ignored': warning(
    'The annotation `prometheus.istio.io/scrape-targets` is invalid and was ignored.',
    'Write `port:path` pairs separated by commas.',
  ),
  'app-probers-unreadable': warning(
    'The environment variable ISTIO_KUBE_APP_PROBERS of the proxy is invalid, so the rewritten probes were not added to it.',
    'Remove the variable from the proxy container.',
  ),
  'status-port-unreadable': warning(
    'The annotation `status.sidecar.istio.io/port` is not a number, so the rewritten probes cannot use it.',
    'Write a plain decimal port.',
  ),
} as const
